"""S3, as far as encryption under a key is concerned; moto keeps the buckets and objects."""

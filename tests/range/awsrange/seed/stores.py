"""Data stores beside S3. They are furnished when their service is first asked for, because moto loads slowly."""

import copy

SECRETS = ("prod/customer-db", "prod/payment-gateway", "prod/customer-api/jwt", "prod/crm-sync")
DATABASE, DATABASE_ID = "customer-db", "db-5KQ4ZB7TNYSD2WJXRFCVMEAHGI"
TABLE = "customer-sessions"
PARAMETER = "/prod/customer-api/encryption-salt"
VOLUMES = ("vol-0a1b2c3d4e5f60718", "vol-0f9e8d7c6b5a40312")
HOSTS = ("i-0c4d5e6f708192a3b", "i-0d5e6f708192a3b4c")


def plan(account, key):
    """Says what there will be, and leaves word of how to make it."""
    account.furnishings = {
        "secretsmanager": lambda: make_secrets(account, key),
        "rds": lambda: make_database(account, key),
        "dynamodb": lambda: make_table(account, key),
        "ssm": lambda: make_parameter(account, key),
        "ec2": lambda: make_volumes(account, key),
    }
    return {
        "secrets": list(SECRETS),
        "database": {"identifier": DATABASE, "resource_id": DATABASE_ID},
        "table": TABLE,
        "parameter": PARAMETER,
        "volumes": list(VOLUMES),
    }


def make_secrets(account, key):
    from moto.secretsmanager.models import secretsmanager_backends

    backend = secretsmanager_backends[account.id][account.region]
    for name in SECRETS:
        backend.create_secret(
            name=name,
            secret_string=f'{{"username":"app","password":"{name}"}}',
            secret_binary=None,
            description=f"{name} of the range",
            tags=[],
            kms_key_id=key.arn,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )


def make_database(account, key):
    from moto.rds.models import rds_backends

    made = rds_backends[account.id][account.region].create_db_instance(
        {
            "db_instance_identifier": DATABASE,
            "db_instance_class": "db.r6g.large",
            "engine": "postgres",
            "engine_version": "16.4",
            "allocated_storage": 200,
            "master_username": "app",
            "master_user_password": "not-a-real-one",
            "storage_encrypted": True,
            "kms_key_id": key.arn,
            "db_name": "customers",
        }
    )
    made.dbi_resource_id = DATABASE_ID


def make_table(account, key):
    from moto.dynamodb.models import dynamodb_backends

    dynamodb_backends[account.id][account.region].create_table(
        TABLE,
        schema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "session_id", "AttributeType": "S"}],
        global_indexes=None,
        indexes=None,
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key.arn},
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )


def make_parameter(account, key):
    from moto.ssm.models import ssm_backends

    ssm_backends[account.id][account.region].put_parameter(
        name=PARAMETER,
        description="Salt of the customer API",
        value="c2FsdA==",
        parameter_type="SecureString",
        allowed_pattern=None,
        keyid=key.arn,
        overwrite=False,
        tags=[],
        data_type="text",
        tier="Standard",
        policies=None,
    )


def make_volumes(account, key):
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[account.id][account.region]
    for wanted in VOLUMES:
        volume = backend.create_volume(
            size=100, zone_name=f"{account.region}a", encrypted=True, kms_key_id=key.arn, volume_type="gp3"
        )
        # moto names its volumes by chance; whoever asked for the account was told these names.
        del backend.volumes[volume.id]
        renamed = copy.copy(volume)
        renamed.id = wanted
        backend.volumes[wanted] = renamed

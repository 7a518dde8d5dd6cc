//! Durations and windows as people write them: `90s`, `15m`, `1h30m`, `7d`, `15m..1h`.

use std::time::Duration;

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Reads a duration. Units run from the largest to the smallest, each at most once.
///
/// # Errors
/// Says what a duration looks like, for text that is none.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; write one like 90s, 15m, 4h, 7d or 1h30m");
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let (mut seconds, mut units) = (0_u64, UNITS.iter());
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let (unit, size) = units.find(|(unit, _)| rest.starts_with(unit)).ok_or_else(wrong)?;
        rest = &rest[unit.len()..];
        seconds = count
            .checked_mul(*size)
            .and_then(|more| seconds.checked_add(more))
            .filter(|&all| all <= 100 * 366 * 86_400)
            .ok_or_else(|| format!("`{text}` is longer than a hundred years"))?;
    }
    Ok(Duration::from_secs(seconds))
}

/// Reads a window, `FROM..TO`, where `FROM` is not after `TO`.
///
/// # Errors
/// Says what a window looks like, for text that is none.
pub fn parse_window(text: &str) -> Result<(Duration, Duration), String> {
    let (from, to) = text
        .split_once("..")
        .ok_or_else(|| format!("`{text}` is no window; write one like 0m..15m or 1h..4h"))?;
    let (from, to) = (parse(from)?, parse(to)?);
    if from >= to {
        return Err(format!("the window `{text}` ends before it begins"));
    }
    Ok((from, to))
}

/// Writes a duration the way [`parse`] reads it; below a second as `0s`.
#[must_use]
pub fn show(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let mut text = String::new();
    for (unit, size) in UNITS {
        if rest >= size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Writes a duration as a clock, `HH:MM:SS`, or `Nd HH:MM:SS` past a day.
#[must_use]
pub fn clock(duration: Duration) -> String {
    let all = duration.as_secs();
    let (days, hours, minutes, seconds) = (all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60);
    let day = if days > 0 { format!("{days}d ") } else { String::new() };
    format!("{day}{hours:02}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_the_language_writes_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("4h", 14_400),
            ("7d", 604_800),
            ("1h30m", 5_400),
            ("0m", 0),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "15", "m", "1m1h", "1h1h", "-3m", "1.5h", "15 m", "999999999999999999d", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for seconds in [0, 1, 59, 60, 3_661, 86_400, 604_800, 90_061] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse(&show(duration)), Ok(duration));
        }
        assert_eq!(clock(Duration::from_secs(192)), "00:03:12");
        assert_eq!(clock(Duration::from_secs(90_061)), "1d 01:01:01");
    }

    #[test]
    fn windows_run_forward() {
        assert_eq!(parse_window("15m..1h"), Ok((Duration::from_mins(15), Duration::from_hours(1))));
        assert!(parse_window("1h..15m").is_err());
        assert!(parse_window("1h").is_err());
    }
}

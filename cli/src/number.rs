//! Numbers of the command line.

/// The most shots: whole numbers up to here are exact as doubles.
const MOST_SHOTS: u64 = 1 << 53;

/// A number of shots, as `1000` or `1e3`.
///
/// # Errors
/// When it is no whole number from 1 to `2^53`.
pub fn shots(text: &str) -> Result<u64, String> {
    let wrong = || format!("give a whole number of shots from 1 to {MOST_SHOTS}, such as 1000 or 1e3");
    let text = text.trim();
    if let Ok(whole) = text.parse::<u64>() {
        return if (1..=MOST_SHOTS).contains(&whole) { Ok(whole) } else { Err(wrong()) };
    }
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if number.fract() == 0.0 && (1.0..=MOST_SHOTS as f64).contains(&number) { Ok(number as u64) } else { Err(wrong()) }
}

/// [`shots`] where each is run by itself: at most a thousand million.
///
/// # Errors
/// As [`shots`].
pub fn single_shots(text: &str) -> Result<u64, String> {
    const MOST: u64 = 1_000_000_000;
    shots(text)
        .ok()
        .filter(|&shots| shots <= MOST)
        .ok_or_else(|| format!("give a whole number of shots from 1 to {MOST}, such as 1000 or 1e3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shots_are_whole_numbers() {
        for (text, number) in [("1", 1), ("1e3", 1000), ("2.5e2", 250), ("9007199254740992", 1 << 53), (" 7 ", 7)] {
            assert_eq!(shots(text), Ok(number), "{text}");
        }
        for wrong in ["0", "-1", "1.5", "1e-3", "18446744073709551615", "1e17", "nan", "inf", "many", ""] {
            assert!(shots(wrong).expect_err(wrong).contains("1e3"));
        }
        assert!(single_shots("1e9").is_ok() && single_shots("1e10").is_err());
    }
}

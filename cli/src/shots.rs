//! Numbers of shots on the command line.

/// The most shots that double precision counts, 2^53.
const MOST: u64 = 1 << 53;

/// A whole number from 0 to 2^53, also as 1e6.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &str) -> Result<u64, String> {
    let shots = match text.parse::<u64>() {
        Ok(shots) => Some(shots),
        Err(_) => text.parse::<f64>().ok().filter(|value| value.fract() == 0.0 && *value >= 0.0).map(|value| value as u64),
    };
    match shots {
        Some(shots) if shots <= MOST => Ok(shots),
        Some(shots) => Err(format!("{shots} shots are more than the {MOST} that can be counted")),
        None => Err("it is a whole number, such as 1000 or 1e6".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn whole_numbers_in_both_spellings() {
        assert_eq!((parse("1000"), parse("1e3"), parse("2.5e1"), parse("0")), (Ok(1000), Ok(1000), Ok(25), Ok(0)));
        for wrong in ["", "-1", "1.5", "1e-3", "nan", "inf", "18446744073709551615", "1e300", "ten"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! Numbers and angles as text that reads back bit for bit.

use std::f64::consts::PI;

use crate::angle::Angle;

/// A finite number, shortest form, always with a point.
pub(in crate::qasm) fn decimal(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        Some(_) | None => text,
    }
}

/// A number, as a fraction of pi where that gives the same bits.
pub(in crate::qasm) fn number(value: f64) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0.0" } else { "0.0" }.to_string();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    for denominator in [1u32, 2, 3, 4, 6, 8, 12, 16, 32, 64] {
        let numerator = (size * f64::from(denominator) / PI).round();
        if !(1.0..=64.0).contains(&numerator) {
            continue;
        }
        let top = if numerator == 1.0 { PI } else { numerator * PI };
        let evaluated = if denominator == 1 { top } else { top / f64::from(denominator) };
        if evaluated == size {
            let factor = if numerator == 1.0 { String::new() } else { format!("{numerator}*") };
            let divisor = if denominator == 1 { String::new() } else { format!("/{denominator}") };
            return format!("{sign}{factor}pi{divisor}");
        }
    }
    decimal(value)
}

/// An angle; `name` gives the name of a free parameter.
pub(in crate::qasm) fn angle(angle: Angle, name: &dyn Fn(usize) -> String) -> String {
    match angle {
        Angle::Fixed(value) => number(value),
        Angle::Free { index, scale, offset } => {
            let name = name(index);
            let product = match scale {
                1.0 => name,
                -1.0 => format!("-{name}"),
                _ => format!("{}*{name}", number(scale)),
            };
            if offset == 0.0 {
                product
            } else if offset < 0.0 {
                format!("{product} - {}", number(-offset))
            } else {
                format!("{product} + {}", number(offset))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact() {
        assert_eq!(number(PI), "pi");
        assert_eq!(number(-PI / 2.0), "-pi/2");
        assert_eq!(number(3.0 * PI / 4.0), "3*pi/4");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(number(1e-10), "1.0e-10");
        assert_eq!(number(-1.5e300), "-1.5e300");
        assert_eq!(number(0.0), "0.0");
        let next = f64::from_bits(PI.to_bits() + 1);
        assert_eq!(number(next).parse::<f64>().expect("a number"), next);
    }
}

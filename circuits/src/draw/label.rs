//! Short texts for angles and conditions.

use std::f64::consts::PI;

use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::operation::{Condition, Operation};

/// A number in at most four digits, as a fraction of pi where it is one.
fn number(value: f64) -> String {
    for denominator in [1, 2, 3, 4, 6, 8, 16] {
        let numerator = (value * f64::from(denominator) / PI).round();
        if numerator != 0.0 && numerator.abs() <= 16.0 && (numerator * PI / f64::from(denominator) - value).abs() < 1e-12 {
            let sign = if numerator < 0.0 { "-" } else { "" };
            let factor = if numerator.abs() == 1.0 { String::new() } else { numerator.abs().to_string() };
            let divisor = if denominator == 1 { String::new() } else { format!("/{denominator}") };
            return format!("{sign}{factor}π{divisor}");
        }
    }
    let rounded = format!("{value:.3}").parse::<f64>().unwrap_or(value);
    if rounded == 0.0 && value != 0.0 { format!("{value:.0e}") } else { rounded.to_string() }
}

/// An angle with the name of its parameter, `θ0` where it has none.
fn angle(circuit: &Circuit, angle: Angle) -> String {
    match angle {
        Angle::Fixed(value) => number(value),
        Angle::Free { index, scale, offset } => {
            let factor = match scale {
                1.0 => String::new(),
                -1.0 => "-".to_string(),
                _ => number(scale),
            };
            let shift = match offset {
                0.0 => String::new(),
                _ if offset < 0.0 => number(offset),
                _ => format!("+{}", number(offset)),
            };
            let name = circuit.given_name(index).map_or_else(
                || format!("θ{index}"),
                |name| match factor.as_str() {
                    "" | "-" => name.to_owned(),
                    _ => format!("·{name}"),
                },
            );
            format!("{factor}{name}{shift}")
        }
    }
}

/// Angles in parentheses, or nothing.
pub(super) fn angles(circuit: &Circuit, operation: &Operation) -> String {
    let list: Vec<String> = operation.angles().iter().map(|one| angle(circuit, *one)).collect();
    if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) }
}

/// `c[1]` for a classical bit.
pub(super) fn bit(circuit: &Circuit, bit: usize) -> String {
    let registers = circuit.bit_registers().iter();
    let holds = |start: usize, size: usize| (start..start + size).contains(&bit);
    let register = registers.clone().find(|register| holds(register.start, register.size));
    register.map_or_else(|| format!("bit {bit}"), |register| format!("{}[{}]", register.name, bit - register.start))
}

/// `c=3` for a whole register, bit by bit otherwise.
pub(super) fn condition(circuit: &Circuit, condition: &Condition) -> String {
    let whole = |start: usize, size: usize| condition.bits.iter().copied().eq(start..start + size);
    match circuit.bit_registers().iter().find(|register| whole(register.start, register.size)) {
        Some(register) => format!("{}={}", register.name, condition.value),
        None => {
            let bits = condition.bits.iter().enumerate();
            let terms: Vec<String> =
                bits.map(|(k, &b)| format!("{}={}", bit(circuit, b), u8::from(condition.wanted(k)))).collect();
            terms.join(" ")
        }
    }
}

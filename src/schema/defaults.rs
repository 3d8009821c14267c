//! The defaults of fields, in the form in which descriptors hold them.

use super::model::{DefaultValue, Type};
use crate::describe::Scalar;

/// The same default as protoc writes it into a descriptor; `None` for what is no value of the type.
/// The values of enumerations are left as they are.
pub(super) fn canonical(default: &DefaultValue, ty: &Type) -> Option<DefaultValue> {
    let word = match (default, ty) {
        (DefaultValue::Word(word), Type::Enum(_)) => word.clone(),
        (DefaultValue::Word(word), Type::Scalar(scalar)) => number(word, *scalar)?,
        (DefaultValue::String(_), Type::Scalar(Scalar::String))
        | (DefaultValue::Bytes(_), Type::Scalar(Scalar::Bytes)) => return Some(default.clone()),
        _ => return None,
    };
    Some(DefaultValue::Word(word))
}

fn number(word: &str, scalar: Scalar) -> Option<String> {
    use Scalar::{
        Bool, Double, Fixed32, Fixed64, Float, Int32, Int64, Sfixed32, Sfixed64, Sint32, Sint64,
        Uint32, Uint64,
    };
    match scalar {
        Bool => word.parse::<bool>().ok().map(|it| it.to_string()),
        Int32 | Sint32 | Sfixed32 => word.parse::<i32>().ok().map(|it| it.to_string()),
        Int64 | Sint64 | Sfixed64 => word.parse::<i64>().ok().map(|it| it.to_string()),
        Uint32 | Fixed32 => word.parse::<u32>().ok().map(|it| it.to_string()),
        Uint64 | Fixed64 => word.parse::<u64>().ok().map(|it| it.to_string()),
        Double => {
            let number = word.parse::<f64>().ok()?;
            let short = digits(number, 15);
            let is_exact = short.parse() == Ok(number);
            Some(if is_exact { short } else { digits(number, 17) })
        }
        Float => {
            // A number that is too large for a float is infinite, as protoc has it.
            let number = word.parse::<f32>().ok()?;
            let short = digits(number.into(), 6);
            let is_exact = short.parse() == Ok(number);
            Some(if is_exact { short } else { digits(number.into(), 9) })
        }
        Scalar::String | Scalar::Bytes => None,
    }
}

/// A number as C's `%.*g` prints it.
fn digits(number: f64, precision: i32) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let places = |places: i32| usize::try_from(places).unwrap_or(0);
    let scientific = format!("{number:.*e}", places(precision - 1));
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..precision).contains(&exponent) {
        return short(&format!("{number:.*}", places(precision - 1 - exponent))).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", short(mantissa), exponent.abs())
}

/// Without the zeros at the end of a fraction.
fn short(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

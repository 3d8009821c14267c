//! The rules of protobuf, as far as its compilers agree on them.

use std::collections::{HashMap, HashSet};

use super::{
    defaults,
    model::{DefaultValue, Enum, Field, File, Message, Reserved, Syntax, Type},
    names::json_name,
    options::{self, Kind, Options, Value},
};
use crate::describe::{Label, Scalar};

/// Messages may lie this deep inside each other; protoc reads no more.
const DEPTH: usize = 30;

/// Checks what a file says, apart from what its names mean. Defaults get their usual form.
pub(super) fn check(file: &mut File) -> Result<(), String> {
    known(&file.name, &file.options, options::FILE)?;
    let package = file.package.as_str();
    if !package.is_empty() && !package.split('.').all(is_name) {
        return Err(format!("{package} is not the name of a package"));
    }
    for service in &file.services {
        named(&service.name)?;
        known(&service.name, &service.options, options::SERVICE)?;
        for method in &service.methods {
            named(&method.name)?;
            known(&method.name, &method.options, options::METHOD)?;
        }
    }
    let syntax = file.syntax;
    for (name, message) in file.all_messages() {
        self::message(&name, message, syntax)?;
    }
    for (name, it) in file.all_enums() {
        enumeration(&name, it, syntax)?;
    }
    defaults(&mut file.messages)
}

fn message(name: &str, message: &Message, syntax: Syntax) -> Result<(), String> {
    named(&message.name)?;
    known(name, &message.options, options::MESSAGE)?;
    reserved(name, &message.reserved, (1, 536_870_911))?;
    if name.split('.').count() > DEPTH {
        return Err(format!("{name} lies deeper than compilers go"));
    }
    let (mut numbers, mut json_names, mut plain_names) =
        (HashSet::new(), HashSet::new(), HashMap::new());
    for field in &message.fields {
        self::field(name, message, field)?;
        let number = field.number;
        if !numbers.insert(number) {
            return Err(format!("{name} has two fields with the number {number}"));
        }
        let json = field.json_name.clone().unwrap_or_else(|| json_name(&field.name));
        if !json_names.insert(json.clone()) {
            return Err(format!("{name} has two fields that are called {json} in JSON"));
        }
        let alike = plain_names.insert(plain(&field.name), field.name.as_str());
        if let Some(alike) = alike.filter(|_| syntax == Syntax::Proto3) {
            return Err(format!(
                "the fields {alike} and {} of {name} differ in `_` and casing alone, which JSON \
                 leaves out",
                field.name
            ));
        }
    }
    oneofs(name, message)
}

fn field(name: &str, message: &Message, field: &Field) -> Result<(), String> {
    named(&field.name)?;
    let what = format!("field {} of {name}", field.name);
    known(&what, &field.options, options::FIELD)?;
    let number = field.number;
    let is_legal = (1..=536_870_911).contains(&number) && !(19_000..=19_999).contains(&number);
    if !is_legal {
        return Err(format!("{number} cannot be the number of a field of {name}"));
    }
    if i32::try_from(number).is_ok_and(|it| message.reserved.has_number(it)) {
        return Err(format!("{name} uses the number {number}, which it reserves"));
    }
    if message.reserved.has_name(&field.name) {
        return Err(format!("{name} uses the name {}, which it reserves", field.name));
    }
    let json = field.json_name.as_deref();
    if json.is_some_and(|it| it.is_empty() || it.starts_with('[') || it.contains('\0')) {
        return Err(format!("{what} cannot be called {json:?} in JSON"));
    }
    let is_single = !matches!(field.label, Label::Repeated { .. });
    if field.oneof.is_some() && field.label != Label::Plain {
        return Err(format!("{what} is in a oneof, and so can only be set or not"));
    }
    if field.default.is_some() && !is_single {
        return Err(format!("{what} is repeated and has a default"));
    }
    if let Type::Map(key, value) = &field.ty {
        let is_key = !matches!(key, Scalar::Double | Scalar::Float | Scalar::Bytes);
        if is_single || !is_key || matches!(**value, Type::Map(..)) {
            return Err(format!("{what} is a map that protobuf does not have"));
        }
    }
    let is = |types: &[Scalar]| matches!(&field.ty, Type::Scalar(it) if types.contains(it));
    let fits = |(option, value): (&str, &Value)| match option {
        "ctype" => is(&[Scalar::String, Scalar::Bytes]),
        "jstype" => {
            use Scalar::{Fixed64, Int64, Sfixed64, Sint64, Uint64};
            is(&[Int64, Uint64, Sint64, Fixed64, Sfixed64])
        }
        "lazy" => matches!(field.ty, Type::Message(_)) || *value == Value::Flag(false),
        _ => true,
    };
    match field.options.iter().find(|option| !fits(*option)) {
        Some((option, _)) => Err(format!("{option} has no meaning for {what}")),
        None => Ok(()),
    }
}

/// The fields of a oneof stand together, and the oneofs in the order of their fields.
fn oneofs(name: &str, message: &Message) -> Result<(), String> {
    let mut order: Vec<_> = message.fields.iter().map(|field| field.oneof).collect();
    order.dedup();
    order.retain(Option::is_some);
    if order.iter().copied().eq((0..message.oneofs.len()).map(Some)) {
        return message.oneofs.iter().try_for_each(|it| named(&it.name));
    }
    Err(format!(
        "the oneofs of {name} do not have their fields one after the other, each at least one"
    ))
}

fn enumeration(name: &str, it: &Enum, syntax: Syntax) -> Result<(), String> {
    named(&it.name)?;
    known(name, &it.options, options::ENUM)?;
    reserved(name, &it.reserved, (i32::MIN, i32::MAX))?;
    match it.values.first() {
        None => return Err(format!("{name} has no values")),
        Some(first) if syntax == Syntax::Proto3 && first.number != 0 => {
            return Err(format!("the first value of {name} is {}, not 0", first.number));
        }
        Some(_) => {}
    }
    let (mut numbers, mut alike) = (HashSet::new(), HashMap::new());
    for value in &it.values {
        named(&value.name)?;
        known(&value.name, &value.options, options::VALUE)?;
        if matches!(value.name.as_str(), "option" | "reserved") {
            return Err(format!("a value cannot be called {}, as in {name}", value.name));
        }
        if it.reserved.has_number(value.number) || it.reserved.has_name(&value.name) {
            return Err(format!(
                "{name} uses {} = {}, which it reserves",
                value.name, value.number
            ));
        }
        numbers.insert(value.number);
        let other = alike.insert(inside(&it.name, &value.name), value);
        let other = other.filter(|it| it.number != value.number);
        if let Some(other) = other.filter(|_| syntax == Syntax::Proto3) {
            return Err(format!(
                "the values {} and {} of {name} are alike to other languages, which leave the \
                 enumeration's name, `_` and casing out",
                other.name, value.name
            ));
        }
    }
    let (has_alias, may_have) =
        (numbers.len() < it.values.len(), it.options.get("allow_alias").is_some());
    match (has_alias, it.options.get("allow_alias") == Some(&Value::Flag(true))) {
        (true, false) => Err(format!("{name} has two values of one number, without allow_alias")),
        (false, _) if may_have => Err(format!("{name} has allow_alias, and no alias")),
        _ => Ok(()),
    }
}

/// A value's name in languages that put it inside its enumeration, whose name they leave out:
/// `STOCK_SOLD_OUT` of `Stock` is `SoldOut`.
fn inside(enumeration: &str, value: &str) -> String {
    let prefix = plain(enumeration);
    let rest = (1..value.len()).rfind(|end| plain(&value[..*end]) == prefix);
    let rest = rest.map_or("", |end| &value[end..]);
    let rest = if plain(rest).is_empty() { value } else { rest };
    let words = rest.split('_').filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..].to_ascii_lowercase()).collect()
}

/// A name without what JSON leaves out.
fn plain(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}

fn reserved(name: &str, reserved: &Reserved, (first, last): (i32, i32)) -> Result<(), String> {
    let mut ranges = reserved.numbers.clone();
    ranges.sort_unstable();
    let is_range = |range: &(i32, i32)| first <= range.0 && range.0 <= range.1 && range.1 <= last;
    if !ranges.iter().all(is_range) || ranges.windows(2).any(|it| it[1].0 <= it[0].1) {
        return Err(format!("{name} reserves numbers twice, or numbers that there are not"));
    }
    let mut names = HashSet::new();
    let mut is_new = |it: &str| is_name(it) && !it.starts_with('_') && names.insert(it.to_owned());
    match reserved.names.iter().find(|it| !is_new(it)) {
        Some(it) => Err(format!("{name} reserves {it:?} twice, or it is no name")),
        None => Ok(()),
    }
}

fn defaults(messages: &mut [Message]) -> Result<(), String> {
    for message in messages {
        defaults(&mut message.messages)?;
        for field in &mut message.fields {
            let Some(default) = &field.default else { continue };
            match defaults::canonical(default, &field.ty) {
                Some(default) => field.default = Some(default),
                None => return Err(refused(field, default)),
            }
        }
    }
    Ok(())
}

pub(super) fn refused(field: &Field, default: &DefaultValue) -> String {
    let default = match default {
        DefaultValue::Word(word) => word.clone(),
        DefaultValue::String(text) => format!("{text:?}"),
        DefaultValue::Bytes(bytes) => format!("{bytes:?}"),
    };
    format!("{default} cannot be the default of field {}", field.name)
}

fn known(what: &str, options: &Options, table: &[(&str, Kind)]) -> Result<(), String> {
    match options.unknown(table) {
        Some(option) => Err(format!("{what} cannot have the option {option}")),
        None => Ok(()),
    }
}

fn named(name: &str) -> Result<(), String> {
    if is_name(name) { Ok(()) } else { Err(format!("{name:?} is not a name")) }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|it: char| it.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

//! Does a trait follow the `.proto` that came first?

use std::fmt;

use prost::Message;
use prost_types::{FileDescriptorSet, MethodDescriptorProto};

use super::Error;
use crate::{MethodDescriptor, MethodKind, ServiceDescriptor, describe::full_name};

/// Everything in which a trait and its `.proto` disagree. Shown as one line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreements {
    service: String,
    list: Vec<String>,
}

impl Disagreements {
    /// Each disagreement, in words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(String::as_str)
    }
}

impl fmt::Display for Disagreements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the trait of {} and its .proto disagree:", self.service)?;
        self.list.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Disagreements {}

/// Compares a service with its `.proto`: the set of `#[service(descriptor_set = …)]`.
///
/// Call it in a test. Package, service and method names, the shape of each call and its two
/// messages must be the same. The messages themselves come from the `.proto` already.
///
/// # Errors
///
/// All disagreements at once: a method that is missing on one side, one of another shape, message
/// or name. A service without a descriptor set has nothing to be compared with, which is one too.
///
/// ```
/// # use traitwire::{Status, schema, service};
/// # fn set() -> Vec<u8> { Vec::new() }
/// #[service(package = "words", descriptor_set = b"")] // `tonic::include_file_descriptor_set!("words")`
/// pub trait Words {
///     async fn count(&self, text: String) -> Result<u32, Status>;
/// }
///
/// let error = schema::check(&WORDS).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the trait of words.Words and its .proto disagree:\n  \
///      service words.Words is not in the .proto"
/// );
/// ```
pub fn check(service: &ServiceDescriptor) -> Result<(), Disagreements> {
    let list = match proto_methods(service) {
        Ok(methods) => disagreements(service, &methods),
        Err(reason) => vec![reason],
    };
    if list.is_empty() {
        return Ok(());
    }
    Err(Disagreements { service: service.full_name(), list })
}

/// Decodes the set that a service follows, with all its files.
pub(crate) fn descriptor_set(
    service: &ServiceDescriptor,
) -> Option<Result<FileDescriptorSet, Error>> {
    let bytes = service.descriptor_set?;
    let set = FileDescriptorSet::decode(bytes);
    Some(set.map_err(|error| {
        let file = service.file.unwrap_or(service.name);
        Error::invalid(file, format!("the descriptor set cannot be read: {error}"))
    }))
}

/// The methods of the service in its `.proto`.
fn proto_methods(service: &ServiceDescriptor) -> Result<Vec<MethodDescriptorProto>, String> {
    let name = service.full_name();
    let set = descriptor_set(service)
        .ok_or_else(|| format!("service {name} has no `descriptor_set`"))?
        .map_err(|error| error.to_string())?;
    let services: Vec<_> = set
        .file
        .iter()
        .flat_map(|file| file.service.iter().map(|it| (full_name(file.package(), it.name()), it)))
        .collect();
    if let Some((_, found)) = services.iter().find(|(it, _)| *it == name) {
        return Ok(found.method.clone());
    }
    let others: Vec<_> = services.iter().map(|(it, _)| it.as_str()).collect();
    Err(match others.as_slice() {
        [] => format!("service {name} is not in the .proto"),
        others => format!("service {name} is not in the .proto, which has {}", others.join(", ")),
    })
}

fn disagreements(service: &ServiceDescriptor, protos: &[MethodDescriptorProto]) -> Vec<String> {
    let mut list = Vec::new();
    let mut unmatched: Vec<_> = protos.iter().collect();
    for method in service.methods {
        let name = method.name;
        let same = unmatched.iter().position(|it| it.name() == name);
        let similar = || unmatched.iter().position(|it| plain(it.name()) == plain(name));
        let Some(index) = same.or_else(similar) else {
            list.push(format!("method {name} is not in the .proto"));
            continue;
        };
        let proto = unmatched.remove(index);
        if proto.name() != name {
            let other = proto.name();
            list.push(format!(
                "method {name} is called {other} in the .proto: `#[rpc(name = \"{other}\")]`"
            ));
        }
        method_disagreements(method, proto, &mut list);
    }
    list.extend(unmatched.iter().map(|it| format!("method {} is not in the trait", it.name())));
    list
}

/// A name without what casings change.
fn plain(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}

fn method_disagreements(
    method: &MethodDescriptor,
    proto: &MethodDescriptorProto,
    list: &mut Vec<String>,
) {
    let name = method.name;
    let kind = match (proto.client_streaming(), proto.server_streaming()) {
        (false, false) => MethodKind::Unary,
        (false, true) => MethodKind::ServerStreaming,
        (true, false) => MethodKind::ClientStreaming,
        (true, true) => MethodKind::Bidirectional,
    };
    if method.kind != kind {
        let (ours, theirs) = (shape(method.kind), shape(kind));
        list.push(format!("method {name} is {ours} in the trait and {theirs} in the .proto"));
    }
    let messages = [
        ("takes", method.input.full_name(), proto.input_type()),
        ("returns", method.output.full_name(), proto.output_type()),
    ];
    for (verb, ours, theirs) in messages {
        let theirs = theirs.strip_prefix('.').unwrap_or(theirs);
        if ours != theirs {
            list.push(format!(
                "method {name} {verb} {ours} in the trait and {theirs} in the .proto"
            ));
        }
    }
}

fn shape(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Unary => "unary",
        MethodKind::ServerStreaming => "server streaming",
        MethodKind::ClientStreaming => "client streaming",
        MethodKind::Bidirectional => "bidirectional",
    }
}

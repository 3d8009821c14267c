//! From syntax to the model; whatever a status has no place for is refused here.

use heck::{ToLowerCamelCase, ToShoutySnakeCase};
use syn::{Data, DeriveInput, Ident, Member, Meta, Variant as Written, ext::IdentExt};

use super::model::{Definition, Field, Part, Told, Variant};
use crate::{
    diagnostic::{Errors, rules},
    names,
    syntax::{ErrorKeys, FieldMark, VariantKeys, compact, nearest},
};

/// Every code but `Ok`.
const CODES: &[&str] = &[
    "Cancelled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// The messages that a field can become.
const DETAILS: &[&str] = &["bad_request", "resource_info", "retry_info"];

/// Reads an enum; `None` where too little of it can be read.
pub(crate) fn definition(input: &DeriveInput, errors: &mut Errors) -> Option<Definition> {
    let ident = &input.ident;
    let kind = match &input.data {
        Data::Enum(_) => None,
        Data::Struct(_) => Some("struct"),
        Data::Union(_) => Some("union"),
    };
    if let Some(kind) = kind {
        errors.refuse(ident, &rules::ERROR_NOT_AN_ENUM, &[&kind]);
    }
    let Data::Enum(data) = &input.data else { return None };
    if !input.generics.params.is_empty() {
        errors.refuse(&input.generics, &rules::ERROR_GENERIC, &[ident]);
    }
    let before = errors.len();
    let keys = ErrorKeys::parse(&input.attrs, errors);
    let domain = keys.domain.as_ref().map(|written| names::domain(written, errors));
    if domain.is_none() && errors.len() == before {
        errors.refuse(ident, &rules::NO_DOMAIN, &[ident]);
    }

    let mut variants = Variants::default();
    for written in &data.variants {
        variants.add(written, errors);
    }
    if variants.status.is_none() && !variants.is_incomplete {
        errors.refuse(ident, &rules::NO_STATUS, &[ident]);
    }
    Some(Definition {
        ident: ident.clone(),
        krate: keys.krate(),
        domain: domain?,
        variants: variants.others,
        status: variants.status?,
    })
}

/// What has been read so far.
#[derive(Default)]
struct Variants {
    others: Vec<Variant>,
    status: Option<(Ident, Member)>,
    /// Each reason with its variant.
    reasons: Vec<(String, Ident)>,
    /// Whether one is not clear, so that what is missing may be there and is no further fault.
    is_incomplete: bool,
}

impl Variants {
    fn add(&mut self, written: &Written, errors: &mut Errors) {
        let ident = &written.ident;
        let before = errors.len();
        let keys = VariantKeys::parse(&written.attrs, errors);
        if errors.len() > before {
            self.is_incomplete = true;
            return;
        }
        match (keys.code, keys.internal, keys.status) {
            (Some((code, meta)), internal, status) => {
                for other in [internal, status].into_iter().flatten() {
                    self.is_incomplete = true;
                    contradiction(&other, &meta, errors);
                }
                let written_reason = keys.reason.map(|(written, _)| written);
                let reason = match &written_reason {
                    Some(it) => names::reason(it, it.value(), errors),
                    None => {
                        let derived = ident.unraw().to_string().to_shouty_snake_case();
                        names::reason(ident, derived, errors)
                    }
                };
                if let Some((_, first)) = self.reasons.iter().find(|it| it.0 == reason) {
                    let found: &[&dyn std::fmt::Display] = &[first, ident, &reason];
                    errors.refuse_because_of(first, ident, &rules::REASON_TWICE, found);
                }
                self.reasons.push((reason.clone(), ident.clone()));
                let told = told(code, reason, written, errors);
                self.others.push(Variant { ident: ident.clone(), told: Some(told) });
            }
            (None, None, None) => {
                self.is_incomplete = true;
                errors.refuse(ident, &rules::NO_ANSWER, &[ident]);
            }
            (None, internal, status) => {
                let mut metas = [internal, status].into_iter().flatten();
                let Some(kind) = metas.next() else { return };
                let reason = keys.reason.map(|(_, meta)| meta);
                for other in metas.chain(reason) {
                    contradiction(&other, &kind, errors);
                }
                no_marks(written, &kind, errors);
                if kind.path().is_ident("internal") {
                    self.others.push(Variant { ident: ident.clone(), told: None });
                } else {
                    self.status(written, errors);
                }
            }
        }
    }

    fn status(&mut self, written: &Written, errors: &mut Errors) {
        let ident = &written.ident;
        if let Some((first, _)) = &self.status {
            errors.refuse_because_of(first, ident, &rules::STATUS_TWICE, &[first, ident]);
        }
        let member = written.fields.members().next().filter(|_| written.fields.len() == 1);
        if member.is_none() {
            errors.refuse(ident, &rules::STATUS_FIELDS, &[ident]);
        }
        let member = member.unwrap_or_else(|| Member::Unnamed(0.into()));
        self.status.get_or_insert((ident.clone(), member));
    }
}

fn told(code: Ident, reason: String, written: &Written, errors: &mut Errors) -> Told {
    let name = code.to_string();
    if !CODES.contains(&name.as_str()) {
        let near = nearest(&name, CODES);
        errors.refuse(&code, &rules::CODE, &[&name, &near, &CODES.join("`, `")]);
    }
    let mut fields: Vec<Field> = Vec::new();
    for (member, field) in written.fields.members().zip(&written.fields) {
        let marks = FieldMark::parse(&field.attrs, errors);
        let Some((mark, others)) = marks.split_first() else { continue };
        for other in others {
            contradiction(&other.meta, &mark.meta, errors);
        }
        let Some(part) = part(mark, &member, errors) else { continue };
        if fields.iter().any(|it| it.part == part) {
            let variant = &written.ident;
            match &part {
                Part::Metadata(key) => {
                    errors.refuse(&mark.meta, &rules::METADATA_KEY_TWICE, &[variant, key]);
                }
                Part::Detail(kind) => {
                    errors.refuse(&mark.meta, &rules::DETAIL_TWICE, &[variant, kind]);
                }
            }
        }
        fields.push(Field { member, ty: field.ty.clone(), part });
    }
    let is_whole = fields.len() == written.fields.len();
    Told { code, reason, fields, is_whole }
}

fn part(mark: &FieldMark, member: &Member, errors: &mut Errors) -> Option<Part> {
    if let Some(kind) = DETAILS.iter().find(|it| **it == mark.name) {
        return Some(Part::Detail(kind));
    }
    let key = match (&mark.text, member) {
        (Some(written), _) => names::metadata_key(written, written.value(), errors),
        // What was refused already.
        (None, _) if !matches!(mark.meta, Meta::Path(_)) => return None,
        (None, Member::Named(ident)) => {
            names::metadata_key(ident, ident.unraw().to_string().to_lower_camel_case(), errors)
        }
        (None, Member::Unnamed(_)) => {
            errors.refuse(&mark.meta, &rules::NO_METADATA_KEY, &[]);
            return None;
        }
    };
    Some(Part::Metadata(key))
}

/// The fields of a variant that is not told have no marks.
fn no_marks(written: &Written, kind: &Meta, errors: &mut Errors) {
    for field in &written.fields {
        for mark in FieldMark::parse(&field.attrs, errors) {
            let found: &[&dyn std::fmt::Display] = &[&written.ident, &compact(kind)];
            errors.refuse(&mark.meta, &rules::NOT_SENT, found);
        }
    }
}

fn contradiction(meta: &Meta, other: &Meta, errors: &mut Errors) {
    errors.refuse(meta, &rules::CONTRADICTION, &[&compact(meta), &compact(other)]);
}

//! Refusals as data, and the collector that reports all of them at once.

pub(crate) mod rules;

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// What is wrong, and what to write instead. `{0}`, `{1}` … stand for what was found.
pub(crate) struct Rule {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) help: &'static str,
}

/// One refusal, at the tokens that caused it.
pub(crate) struct Diagnostic {
    pub(crate) rule: &'static Rule,
    pub(crate) place: Place,
    /// Another place that has a part in it.
    pub(crate) other: Option<Place>,
    found: Vec<String>,
}

/// From the first to the last of some tokens.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Place {
    fn of(tokens: impl ToTokens) -> Self {
        let mut spans = tokens.into_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        Self { first, last: spans.last().unwrap_or(first) }
    }

    /// Has the compiler say `text` here: it underlines from the span of the path to that of the
    /// braces.
    fn error(self, text: &str) -> TokenStream {
        let path = quote_spanned!(self.first=> ::core::compile_error!);
        let message = quote_spanned!(self.last=> { #text });
        quote!(#path #message)
    }
}

impl Diagnostic {
    /// What is wrong.
    pub(crate) fn message(&self) -> String {
        self.fill(self.rule.message)
    }

    /// What to write instead.
    pub(crate) fn help(&self) -> String {
        self.fill(self.rule.help)
    }

    fn fill(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (index, found) in self.found.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), found);
        }
        text
    }
}

impl ToTokens for Diagnostic {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let code = self.rule.code;
        let (message, help) = (self.message(), self.help());
        tokens.extend(self.place.error(&format!("{message} [{code}]\nhelp: {help}")));
        if let Some(other) = self.other {
            tokens.extend(other.error(&format!("the other place of the error {code}")));
        }
    }
}

/// Everything that was refused.
#[derive(Default)]
pub(crate) struct Errors(Vec<Diagnostic>);

impl Errors {
    /// Refuses `tokens` under `rule`.
    pub(crate) fn refuse(
        &mut self,
        tokens: impl ToTokens,
        rule: &'static Rule,
        found: &[&dyn Display],
    ) {
        let found = found.iter().map(ToString::to_string).collect();
        self.0.push(Diagnostic { rule, place: Place::of(tokens), other: None, found });
    }

    /// Refuses `tokens` because of `other`.
    pub(crate) fn refuse_because_of(
        &mut self,
        other: impl ToTokens,
        tokens: impl ToTokens,
        rule: &'static Rule,
        found: &[&dyn Display],
    ) {
        self.refuse(tokens, rule, found);
        if let Some(refused) = self.0.last_mut() {
            refused.other = Some(Place::of(other));
        }
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for diagnostic in &self.0 {
            diagnostic.to_tokens(tokens);
        }
    }
}

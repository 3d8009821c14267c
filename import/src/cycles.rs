//! Messages that contain themselves.

use std::collections::HashMap;

use petgraph::{algo::tarjan_scc, graph::DiGraph};
use protox::prost_reflect::{Cardinality, FieldDescriptor, MessageDescriptor};

/// Which messages contain each other, with nothing between them that has a size of its own: each
/// message by its full name, and the number of those that it shares a cycle with.
///
/// Found once for all of them, because a search from each field takes minutes for a thousand
/// messages.
pub(crate) struct Cycles(HashMap<String, usize>);

impl Cycles {
    pub(crate) fn among(messages: &[MessageDescriptor]) -> Self {
        let mut graph = DiGraph::<&str, ()>::new();
        let nodes: HashMap<_, _> =
            messages.iter().map(|it| (it.full_name(), graph.add_node(it.full_name()))).collect();
        for message in messages {
            let single = message.fields().filter(|it| it.cardinality() != Cardinality::Repeated);
            for inner in single.filter_map(|it| it.kind().as_message().cloned()) {
                if let Some(&inner) = nodes.get(inner.full_name()) {
                    graph.add_edge(nodes[message.full_name()], inner, ());
                }
            }
        }
        let cycles = tarjan_scc(&graph).into_iter().enumerate();
        let numbered =
            cycles.flat_map(|(number, nodes)| nodes.into_iter().map(move |it| (it, number)));
        Self(numbered.map(|(node, number)| (graph[node].to_owned(), number)).collect())
    }

    /// Whether a field of one message makes its own message contain itself.
    pub(crate) fn have(&self, field: &FieldDescriptor) -> bool {
        let number = |it: &MessageDescriptor| self.0.get(it.full_name());
        let inner = field.kind();
        let inner = inner.as_message().and_then(number);
        inner.is_some() && inner == number(field.parent_message())
    }
}

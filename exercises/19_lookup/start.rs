//! Exercise 19: from a path to a method, or to what is missing.
//!
//! A call names its method by a path, `/package.Service/Method`. This registry looks at every method
//! of every service, and whoever asks for one that is not there hears "not found": is it the method,
//! the service, or the path itself? Answer as grpc-go does, each time with UNIMPLEMENTED:
//!
//! | what is wrong | text |
//! |---|---|
//! | there is no such service | `unknown service X` |
//! | the service has no such method | `unknown method M for service X` |
//! | it is no path: it must begin with `/`, and have another one behind | `malformed method name: "…"` |
//!
//! The method is what stands behind the last `/`. And look it up: one map for the services, and in
//! it one for the methods of each.

use traitwire::{MethodDescriptor, ServiceDescriptor, Status};

/// The services of a server.
#[derive(Default)]
pub struct Registry {
    services: Vec<&'static ServiceDescriptor>,
}

impl Registry {
    /// Hosts a service.
    pub fn register(&mut self, service: &'static ServiceDescriptor) {
        self.services.push(service);
    }

    /// The method of a path.
    pub fn look_up(&self, path: &str) -> Result<&'static MethodDescriptor, Status> {
        let mut methods = self.services.iter().flat_map(|service| service.methods);
        methods.find(|method| method.path == path).ok_or_else(|| Status::not_found("not found"))
    }
}

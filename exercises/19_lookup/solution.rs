//! Exercise 19, solved.

use std::collections::HashMap;

use traitwire::{MethodDescriptor, ServiceDescriptor, Status};

/// The services of a server.
#[derive(Default)]
pub struct Registry {
    services: HashMap<String, HashMap<&'static str, &'static MethodDescriptor>>,
}

impl Registry {
    /// Hosts a service.
    pub fn register(&mut self, service: &'static ServiceDescriptor) {
        let methods = service.methods.iter().map(|method| (method.name, method));
        self.services.insert(service.full_name(), methods.collect());
    }

    /// The method of a path.
    pub fn look_up(&self, path: &str) -> Result<&'static MethodDescriptor, Status> {
        let names = path.strip_prefix('/').and_then(|names| names.rsplit_once('/'));
        let Some((service, method)) = names else {
            return Err(Status::unimplemented(format!("malformed method name: {path:?}")));
        };
        let Some(methods) = self.services.get(service) else {
            return Err(Status::unimplemented(format!("unknown service {service}")));
        };
        methods.get(method).copied().ok_or_else(|| {
            Status::unimplemented(format!("unknown method {method} for service {service}"))
        })
    }
}

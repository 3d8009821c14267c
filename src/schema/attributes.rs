//! The attributes of methods that nobody reads.

use crate::ServiceDescriptor;

/// The attributes of methods whose names are none of `read`, each with the place where it is written: for a test
/// beside the interceptors that read them, because to the compiler one name is as good as another.
///
/// An interceptor that lets a method without a `role` pass is switched off by `#[rpc(attr(rule = "admin"))]`; one that
/// refuses it makes the method useless. This says which.
///
/// ```
/// use traitwire::{Status, schema::unread_attributes, service};
///
/// #[service(package = "shop")]
/// trait Orders {
///     #[rpc(attr(role = "clerk"))]
///     async fn list(&self) -> Result<String, Status>;
///     #[rpc(attr(rule = "admin"))]
///     async fn delete(&self, id: &str) -> Result<(), Status>;
/// }
///
/// let unread = unread_attributes(&[&ORDERS], &["role"]);
/// assert_eq!(unread, ["/shop.Orders/Delete has rule = \"admin\", which nobody reads"]);
/// ```
#[must_use]
pub fn unread_attributes(services: &[&'static ServiceDescriptor], read: &[&str]) -> Vec<String> {
    let methods = services.iter().flat_map(|service| service.methods);
    let written = methods.flat_map(|it| it.attributes.iter().map(|pair| (it.path, pair)));
    written
        .filter(|(_, (name, _))| !read.contains(name))
        .map(|(path, (name, text))| format!("{path} has {name} = {text:?}, which nobody reads"))
        .collect()
}

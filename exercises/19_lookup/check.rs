//! The check of exercise 19.

exercises::exercise! {
    use exercises::{Checked, ensure, equal};
    use traitwire::{Code, Status, service};

    #[service(package = "shop.v1", server = false, client = false)]
    trait Orders {
        async fn get(&self, id: &str) -> Result<String, Status>;
        async fn put(&self, order: &str) -> Result<(), Status>;
    }

    /// In no package.
    #[service(server = false, client = false)]
    trait Stock {
        async fn get(&self, article: &str) -> Result<u32, Status>;
    }

    fn registry() -> Registry {
        let mut registry = Registry::default();
        registry.register(&ORDERS);
        registry.register(&STOCK);
        registry
    }

    pub(crate) async fn check() -> Checked {
        let registry = registry();
        for path in ["/shop.v1.Orders/Get", "/shop.v1.Orders/Put", "/Stock/Get"] {
            let found = registry.look_up(path).map(|method| method.path);
            equal(&format!("the path of what is found at {path:?}"), found.ok(), Some(path))?;
        }
        for (path, text) in [
            ("/shop.v1.Orders/Drop", "unknown method Drop for service shop.v1.Orders"),
            ("/Stock/Put", "unknown method Put for service Stock"),
            ("/shop.v1.Orders/get", "unknown method get for service shop.v1.Orders"),
            ("/shop.v1.Orders/", "unknown method  for service shop.v1.Orders"),
            ("/shop.v2.Orders/Get", "unknown service shop.v2.Orders"),
            ("/Orders/Get", "unknown service Orders"),
            ("/shop.v1.Orders/Get/", "unknown service shop.v1.Orders/Get"),
            ("//Get", "unknown service "),
            ("shop.v1.Orders/Get", "malformed method name: \"shop.v1.Orders/Get\""),
            ("/Get", "malformed method name: \"/Get\""),
            ("/", "malformed method name: \"/\""),
            ("", "malformed method name: \"\""),
        ] {
            let Err(status) = registry.look_up(path) else {
                return Err(format!("{path:?} leads to a method, and no method has that path."));
            };
            let (code, message) = (status.code(), status.message());
            ensure(
                code == Code::Unimplemented,
                format!("{path:?} answers {code:?}, and UNIMPLEMENTED is meant: NOT_FOUND is what a method says that is there, of something that is not."),
            )?;
            ensure(
                message == text,
                format!("{path:?} answers {message:?}, and {text:?} is meant."),
            )?;
        }
        Ok(())
    }
}

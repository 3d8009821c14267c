//! Services with the names that generated code might use for itself.

use traitwire::{Status, service};

macro_rules! answers {
    ($($service:ident $client:ident;)*) => {
        $(
            /// A service.
            #[service]
            pub trait $service {
                /// Answers with its own name.
                async fn name(&self) -> Result<String, Status>;
            }

            impl $service for Named {
                async fn name(&self) -> Result<String, Status> {
                    Ok(stringify!($service).to_owned())
                }
            }
        )*

        #[tokio::test]
        async fn a_service_may_have_any_name() {
            $(assert_eq!($client::in_process(Named).name().await.unwrap(), stringify!($service));)*
        }
    };
}

struct Named;

answers! {
    T TClient;
    B BClient;
    S SClient;
    D DClient;
    I IClient;
    Server ServerClient;
    Client ClientClient;
    Service ServiceClient;
    Body BodyClient;
    Channel ChannelClient;
    Future FutureClient;
    Stream StreamClient;
    Host HostClient;
    Caller CallerClient;
}

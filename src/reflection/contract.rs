//! The contract, which is gRPC's own, in its two versions. They differ by their package alone.

/// One version: the contract, and the answers.
macro_rules! version {
    ($(#[$docs:meta])* $version:ident, package!($($package:tt)*)) => {
        $(#[$docs])*
        pub mod $version {
            use bytes::Bytes;
            use tokio_stream::Stream;
            use tonic::{Code, Status};

            use crate::{
                Streaming, message,
                reflection::{Index, Reflection},
                service, stream_fn,
            };

            crate::package!($($package)*);

            /// Tells what a server serves.
            #[service]
            pub trait ServerReflection {
                /// An answer to each question.
                fn server_reflection_info(
                    &self,
                    requests: Streaming<ServerReflectionRequest>,
                ) -> impl Stream<Item = Result<ServerReflectionResponse, Status>>;
            }

            /// A question.
            #[message]
            pub struct ServerReflectionRequest {
                /// The host that is meant. It is given back, and nothing else.
                #[tag(1)]
                pub host: String,
                /// What is asked for.
                #[oneof(3, 4, 5, 6, 7)]
                pub message_request: Option<MessageRequest>,
            }

            /// What is asked for.
            #[message]
            pub enum MessageRequest {
                /// A file, by its name.
                #[tag(3)]
                FileByFilename(String),
                /// The file that declares a service, a method, a message or any other part.
                #[tag(4)]
                FileContainingSymbol(String),
                /// The file that declares an extension.
                #[tag(5)]
                FileContainingExtension(ExtensionRequest),
                /// The numbers of all extensions of a message.
                #[tag(6)]
                AllExtensionNumbersOfType(String),
                /// The names of all services. What the text says makes no difference.
                #[tag(7)]
                ListServices(String),
            }

            /// An extension.
            #[message]
            pub struct ExtensionRequest {
                /// The message that is extended.
                #[tag(1)]
                pub containing_type: String,
                /// The number of the field.
                #[tag(2)]
                pub extension_number: i32,
            }

            /// An answer.
            #[message]
            pub struct ServerReflectionResponse {
                /// The host of the question.
                #[tag(1)]
                pub valid_host: String,
                /// The question.
                #[tag(2)]
                pub original_request: Option<ServerReflectionRequest>,
                /// The answer.
                #[oneof(4, 5, 6, 7)]
                pub message_response: Option<MessageResponse>,
            }

            /// What is answered.
            #[message]
            pub enum MessageResponse {
                /// The file that was asked for.
                #[tag(4)]
                FileDescriptorResponse(FileDescriptorResponse),
                /// The numbers that were asked for.
                #[tag(5)]
                AllExtensionNumbersResponse(ExtensionNumberResponse),
                /// The services.
                #[tag(6)]
                ListServicesResponse(ListServiceResponse),
                /// Why there is no answer.
                #[tag(7)]
                ErrorResponse(ErrorResponse),
            }

            /// Files.
            #[message]
            pub struct FileDescriptorResponse {
                /// Each of them an encoded `google.protobuf.FileDescriptorProto`.
                #[tag(1)]
                pub file_descriptor_proto: Vec<Bytes>,
            }

            /// Numbers of extensions.
            #[message]
            pub struct ExtensionNumberResponse {
                /// The message that is extended.
                #[tag(1)]
                pub base_type_name: String,
                /// The numbers.
                #[tag(2)]
                pub extension_number: Vec<i32>,
            }

            /// All services.
            #[message]
            pub struct ListServiceResponse {
                /// By their names.
                #[tag(1)]
                pub service: Vec<ServiceResponse>,
            }

            /// A service.
            #[message]
            pub struct ServiceResponse {
                /// Its full name.
                #[tag(1)]
                pub name: String,
            }

            /// Why there is no answer.
            #[message]
            pub struct ErrorResponse {
                /// A code of gRPC.
                #[tag(1)]
                pub error_code: i32,
                /// A text for people.
                #[tag(2)]
                pub error_message: String,
            }

            impl ServerReflection for Reflection {
                fn server_reflection_info(
                    &self,
                    mut requests: Streaming<ServerReflectionRequest>,
                ) -> impl Stream<Item = Result<ServerReflectionResponse, Status>> {
                    stream_fn(async move |mut out| {
                        while let Some(request) = requests.message().await? {
                            let question = request.message_request.as_ref();
                            let question = question.ok_or_else(|| {
                                Status::invalid_argument("the request asks for nothing")
                            })?;
                            let answer = ServerReflectionResponse {
                                valid_host: request.host.clone(),
                                message_response: Some(answer(&self.0, question)),
                                original_request: Some(request),
                            };
                            out.send(answer).await?;
                        }
                        Ok(())
                    })
                }
            }

            fn answer(index: &Index, question: &MessageRequest) -> MessageResponse {
                    let file = |found: Option<Bytes>, what: &str| match found {
                        Some(file) => MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
                            file_descriptor_proto: vec![file],
                        }),
                        None => MessageResponse::ErrorResponse(ErrorResponse {
                            error_code: Code::NotFound.into(),
                            error_message: format!("{what} is not known here"),
                        }),
                    };
                    match question {
                        MessageRequest::FileByFilename(name) => file(index.file(name), name),
                        MessageRequest::FileContainingSymbol(name) => {
                            file(index.file_of(name), name)
                        }
                        MessageRequest::FileContainingExtension(extension) => {
                            let ExtensionRequest { containing_type, extension_number } = extension;
                            let found = index.file_of_extension(containing_type, *extension_number);
                            file(found, &format!("extension {extension_number} of {containing_type}"))
                        }
                        MessageRequest::AllExtensionNumbersOfType(name) => {
                            match index.extensions(name) {
                                Some(numbers) => MessageResponse::AllExtensionNumbersResponse(
                                    ExtensionNumberResponse {
                                        base_type_name: name.clone(),
                                        extension_number: numbers,
                                    },
                                ),
                                None => file(None, name),
                            }
                        }
                        MessageRequest::ListServices(_) => {
                            let names = index.services().iter().cloned();
                            let service = names.map(|name| ServiceResponse { name }).collect();
                            MessageResponse::ListServicesResponse(ListServiceResponse { service })
                        }
                    }
                }
        }
    };
}

version!(
    /// Today's version: `grpc.reflection.v1`.
    v1,
    package!(
        "grpc.reflection.v1",
        file = "grpc/reflection/v1/reflection.proto",
        go_package = "google.golang.org/grpc/reflection/grpc_reflection_v1",
        java_multiple_files = true,
        java_outer_classname = "ServerReflectionProto",
        java_package = "io.grpc.reflection.v1",
    )
);
version!(
    /// The version before: `grpc.reflection.v1alpha`.
    v1alpha,
    package!("grpc.reflection.v1alpha", file = "grpc/reflection/v1alpha/reflection.proto")
);

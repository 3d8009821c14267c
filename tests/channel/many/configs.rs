//! Service configs as JSON.

use traitwire::{Channel, Code, Request, ServiceConfig};

use super::backends::{Backend, Manner, Numbers, NumbersClient};

#[tokio::test(start_paused = true)]
async fn a_config_says_what_a_builder_says() {
    let backends = Backend::three().await;
    backends[0].set(Manner::Fails);
    for name in [
        r#"{ "service": "proof.v1.Numbers", "method": "Mine" }"#,
        r#"{ "service": "proof.v1.Numbers" }"#,
        "{}",
    ] {
        let config = ServiceConfig::from_json(&format!(
            r#"{{
                "loadBalancingConfig": [{{ "of_tomorrow": {{}} }}, {{ "round_robin": {{}} }}],
                "methodConfig": [
                    {{ "name": [{{ "service": "other" }}], "timeout": "1s" }},
                    {{
                        "name": [{name}],
                        "retryPolicy": {{
                            "maxAttempts": 3,
                            "initialBackoff": "0.01s",
                            "maxBackoff": "0.010s",
                            "backoffMultiplier": 1.5,
                            "retryableStatusCodes": [14, "aborted"]
                        }}
                    }}
                ],
                "retryThrottling": {{ "maxTokens": 100, "tokenRatio": 0.1 }}
            }}"#
        ));
        let channel = Channel::list(backends.iter().map(Backend::uri));
        let channel = channel.service_config(config.unwrap()).connect().await.unwrap();
        let client = NumbersClient::new(channel);
        crate::peer::settle().await;
        let mut said = Vec::new();
        for _ in 0..6 {
            said.push(client.mine(Request::new(())).await.unwrap());
        }
        assert!(said.contains(&1) && said.contains(&2), "{said:?}");
        let mut failed = 0;
        for _ in 0..6 {
            let once = client.once().await.map_err(|it| it.code());
            failed += usize::from(once == Err(Code::Unavailable));
        }
        // Nobody has said that it may be called twice, unless it is named.
        assert_eq!(failed, if name.contains("Mine") || name == "{}" { 2 } else { 0 }, "{name}");
    }
}

#[test]
fn what_is_wrong_with_a_config_is_told() {
    let method = |policy: &str| {
        format!(r#"{{ "methodConfig": [{{ "name": [{{}}], "retryPolicy": {{ {policy} }} }}] }}"#)
    };
    let whole = r#""maxAttempts": 2, "initialBackoff": "1s", "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]"#;
    assert!(ServiceConfig::from_json(&method(whole)).is_ok());
    let wrong = |field: &str, value: &str| {
        let start = whole.find(field).unwrap() + field.len() + 3;
        let end = whole[start..].find(", \"").map_or(whole.len(), |it| start + it);
        method(&format!("{}{value}{}", &whole[..start], &whole[end..]))
    };
    let at = "methodConfig[0].retryPolicy";
    for (json, said) in [
        ("[]".to_owned(), "the service config: write an object: { … }".to_owned()),
        (r#"{ "methodConfig": {} }"#.to_owned(), "methodConfig: write a list".to_owned()),
        (wrong("maxAttempts", "1"), format!("{at}.maxAttempts: write a whole number from 2 on")),
        (wrong("maxAttempts", "2.5"), format!("{at}.maxAttempts: write a whole number from 2 on")),
        (wrong("initialBackoff", "\"0s\""), format!("{at}.initialBackoff: write a time above 0, such as \"0.1s\"")),
        (wrong("maxBackoff", "1"), format!("{at}.maxBackoff: write seconds, such as \"0.1s\"")),
        (wrong("maxBackoff", "\"-1s\""), format!("{at}.maxBackoff: write seconds, such as \"0.1s\"")),
        (wrong("backoffMultiplier", "0"), format!("{at}.backoffMultiplier: write a number above 0")),
        (wrong("retryableStatusCodes", "[]"), format!("{at}.retryableStatusCodes: write one status at least")),
        (
            wrong("retryableStatusCodes", "[17]"),
            format!("{at}.retryableStatusCodes: write statuses by their names, such as \"UNAVAILABLE\", or their numbers"),
        ),
        (method(r#""maxAttempts": 2"#), format!("{at}: backoffMultiplier is missing")),
        (
            r#"{ "methodConfig": [{ "name": [{ "method": "Get" }], "hedgingPolicy": { "maxAttempts": 2 } }] }"#.to_owned(),
            "methodConfig[0].name[0]: write the service of the method, too".to_owned(),
        ),
        (
            r#"{ "loadBalancingConfig": [{ "grpclb": {} }] }"#.to_owned(),
            "loadBalancingConfig: write pick_first, round_robin or least_request_experimental, as one of the policies".to_owned(),
        ),
    ] {
        let error = ServiceConfig::from_json(&json).unwrap_err();
        assert_eq!(error.to_string(), said, "{json}");
    }
    assert!(ServiceConfig::from_json("{").unwrap_err().to_string().contains("line 1 column 1"));
}

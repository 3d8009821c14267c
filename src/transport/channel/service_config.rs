//! A service config as JSON (gRPC's doc/service_config.md).

use std::{error::Error, fmt, time::Duration};

use serde_json::{Map, Value};
use tonic::Code;

use super::{
    balance::Balance,
    policy::{CallPolicy, HedgingPolicy, RetryPolicy, ServiceConfig},
};

/// What is wrong with a service config: where, and what is to stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConfigError(String);

impl fmt::Display for ServiceConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ServiceConfigError {}

type Read<T> = Result<T, ServiceConfigError>;

fn wrong<T>(at: &str, wanted: &str) -> Read<T> {
    Err(ServiceConfigError(format!("{at}: write {wanted}")))
}

impl ServiceConfig {
    /// Reads a service config as other libraries of gRPC take it.
    ///
    /// Of `methodConfig` it takes `name`, `retryPolicy` and `hedgingPolicy`; beside it `retryThrottling`,
    /// `healthCheckConfig`, and of `loadBalancingConfig` the first of `pick_first`, `round_robin` and
    /// `least_request_experimental` that stands there. Other fields have no effect here. An entry whose name is
    /// empty, for all methods, is for those alone whose contract says that they may be called twice.
    ///
    /// ```
    /// use traitwire::ServiceConfig;
    ///
    /// let config = ServiceConfig::from_json(
    ///     r#"{
    ///         "loadBalancingConfig": [{ "round_robin": {} }],
    ///         "methodConfig": [{
    ///             "name": [{ "service": "shop.Orders", "method": "Get" }],
    ///             "retryPolicy": {
    ///                 "maxAttempts": 3,
    ///                 "initialBackoff": "0.1s",
    ///                 "maxBackoff": "1s",
    ///                 "backoffMultiplier": 2,
    ///                 "retryableStatusCodes": ["UNAVAILABLE"]
    ///             }
    ///         }]
    ///     }"#,
    /// )?;
    ///
    /// let error = ServiceConfig::from_json(r#"{ "retryThrottling": { "maxTokens": 0 } }"#).unwrap_err();
    /// assert_eq!(error.to_string(), "retryThrottling.maxTokens: write a whole number from 1 to 1000");
    /// # Ok::<_, traitwire::ServiceConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no JSON, or a field that is read has not what it must have.
    pub fn from_json(json: &str) -> Result<Self, ServiceConfigError> {
        let value: Value = serde_json::from_str(json)
            .map_err(|error| ServiceConfigError(format!("the service config: {error}")))?;
        let root = Node { at: "", value: &value }.map()?;
        let mut config = Self::new();
        for entry in root.list("methodConfig")? {
            config = method_config(config, &entry.map()?)?;
        }
        if let Some(throttling) = root.get("retryThrottling") {
            let throttling = throttling.map()?;
            let max = throttling.need("maxTokens")?.whole(1, 1000)?;
            config = config.throttle(max, throttling.need("tokenRatio")?.above_zero()?);
        }
        if let Some(health) = root.get("healthCheckConfig") {
            let name = health.map()?.get("serviceName").map(|it| it.text()).transpose()?;
            config.health = Some(name.unwrap_or_default().to_owned());
        }
        let policies = root.list("loadBalancingConfig")?;
        for policy in &policies {
            config.balance = policy.map()?.balance();
            if config.balance.is_some() {
                return Ok(config);
            }
        }
        match policies.is_empty() {
            true => Ok(config),
            false => wrong(
                "loadBalancingConfig",
                "pick_first, round_robin or least_request_experimental, as one of the policies",
            ),
        }
    }
}

fn method_config(mut config: ServiceConfig, entry: &Fields<'_>) -> Read<ServiceConfig> {
    let policy = match (entry.get("retryPolicy"), entry.get("hedgingPolicy")) {
        (Some(_), Some(both)) => return wrong(&both.at, "one of retryPolicy and hedgingPolicy"),
        (Some(retry), None) => retry_policy(&retry.map()?)?,
        (None, Some(hedging)) => hedging_policy(&hedging.map()?)?,
        (None, None) => return Ok(config),
    };
    for name in entry.list("name")? {
        let name = name.map()?;
        let part = |key| name.get(key).map_or(Ok(String::new()), |it| Ok(it.text()?.to_owned()));
        let (service, method): (String, String) = (part("service")?, part("method")?);
        config = match (&*service, &*method) {
            ("", "") => config.idempotent(policy.clone()),
            ("", _) => return wrong(&name.at, "the service of the method, too"),
            (service, "") => config.method(service, policy.clone()),
            (service, method) => config.method(&format!("{service}/{method}"), policy.clone()),
        };
    }
    Ok(config)
}

fn retry_policy(it: &Fields<'_>) -> Read<CallPolicy> {
    let policy = RetryPolicy::new(it.need("maxAttempts")?.whole(2, u32::MAX)?);
    let pause = |key| match it.need(key)?.duration()? {
        Duration::ZERO => wrong(&format!("{}.{key}", it.at), "a time above 0, such as \"0.1s\""),
        pause => Ok(pause),
    };
    let multiplier = it.need("backoffMultiplier")?.above_zero()?;
    let codes = it.need("retryableStatusCodes")?;
    let read = codes.codes()?;
    if read.is_empty() {
        return wrong(&codes.at, "one status at least");
    }
    Ok(policy
        .backoff(pause("initialBackoff")?, pause("maxBackoff")?, multiplier)
        .codes(read)
        .into())
}

fn hedging_policy(it: &Fields<'_>) -> Read<CallPolicy> {
    let attempts = it.need("maxAttempts")?.whole(2, u32::MAX)?;
    let delay = it.get("hedgingDelay").map_or(Ok(Duration::ZERO), |it| it.duration())?;
    let codes = it.get("nonFatalStatusCodes").map_or(Ok(Vec::new()), |it| it.codes())?;
    Ok(HedgingPolicy::new(attempts, delay).codes(codes).into())
}

/// A value, and where it stands.
struct Node<'a, S = String> {
    at: S,
    value: &'a Value,
}

/// The fields of an object, and where it stands.
struct Fields<'a> {
    at: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn get(&self, key: &str) -> Option<Node<'a>> {
        let at = if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) };
        self.map.get(key).map(|value| Node { at, value })
    }

    fn need(&self, key: &str) -> Read<Node<'a>> {
        let missing = || ServiceConfigError(format!("{}: {key} is missing", self.at));
        self.get(key).ok_or_else(missing)
    }

    /// The items of a list; none where there is no list.
    fn list(&self, key: &str) -> Read<Vec<Node<'a>>> {
        let Some(Node { at, value }) = self.get(key) else { return Ok(Vec::new()) };
        let Value::Array(items) = value else { return wrong(&at, "a list") };
        let items = items.iter().enumerate();
        Ok(items.map(|(number, value)| Node { at: format!("{at}[{number}]"), value }).collect())
    }

    /// The policy of balancing, if it is known.
    fn balance(&self) -> Option<Balance> {
        self.map.keys().find_map(|name| match name.as_str() {
            "pick_first" => Some(Balance::pick_first()),
            "round_robin" => Some(Balance::round_robin()),
            "least_request_experimental" => Some(Balance::least_request()),
            _ => None,
        })
    }
}

impl<'a, S: AsRef<str>> Node<'a, S> {
    fn wants<T>(&self, wanted: &str) -> Read<T> {
        match self.at.as_ref() {
            "" => wrong("the service config", wanted),
            at => wrong(at, wanted),
        }
    }

    fn map(&self) -> Read<Fields<'a>> {
        match self.value {
            Value::Object(map) => Ok(Fields { at: self.at.as_ref().to_owned(), map }),
            _ => self.wants("an object: { … }"),
        }
    }

    fn text(&self) -> Read<&'a str> {
        self.value.as_str().map_or_else(|| self.wants("a text"), Ok)
    }

    fn whole(&self, from: u32, to: u32) -> Read<u32> {
        let number = self.value.as_u64().map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        match number.filter(|it| (from..=to).contains(it)) {
            Some(number) => Ok(number),
            None if to == u32::MAX => self.wants(&format!("a whole number from {from} on")),
            None => self.wants(&format!("a whole number from {from} to {to}")),
        }
    }

    fn above_zero(&self) -> Read<f64> {
        let number = self.value.as_f64().filter(|it| *it > 0.0);
        number.map_or_else(|| self.wants("a number above 0"), Ok)
    }

    /// As JSON has protobuf's durations: `"1.5s"`.
    fn duration(&self) -> Read<Duration> {
        let is_plain = |it: &&str| it.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let seconds = self.value.as_str().and_then(|it| it.strip_suffix('s')).filter(is_plain);
        let seconds = seconds.and_then(|it| it.parse().ok());
        let duration = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
        duration.map_or_else(|| self.wants("seconds, such as \"0.1s\""), Ok)
    }

    /// Statuses by number, or by name in capitals or not.
    fn codes(&self) -> Read<Vec<Code>> {
        let Value::Array(codes) = self.value else {
            return self.wants("a list of statuses, such as [\"UNAVAILABLE\"]");
        };
        let read = codes.iter().map(|code| match code {
            Value::Number(number) => {
                number.as_i64().filter(|it| (0..=16).contains(it)).map(|it| Code::from(it as i32))
            }
            Value::String(name) => by_name(name),
            _ => None,
        });
        read.collect::<Option<_>>().map_or_else(
            || self.wants("statuses by their names, such as \"UNAVAILABLE\", or their numbers"),
            Ok,
        )
    }
}

fn by_name(name: &str) -> Option<Code> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    let at = NAMES.iter().position(|it| it.eq_ignore_ascii_case(name))?;
    Some(Code::from(i32::try_from(at).ok()?))
}

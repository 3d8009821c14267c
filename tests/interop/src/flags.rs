//! Command lines of gRPC's interop programs: `--name=value` or `--name value`.

use std::str::FromStr;

/// The flags that were given.
pub struct Flags(Vec<(String, String)>);

impl Flags {
    /// Reads the arguments of a program that knows `known`.
    ///
    /// # Errors
    ///
    /// One line for whoever typed it.
    pub fn read(arguments: impl Iterator<Item = String>, known: &[&str]) -> Result<Self, String> {
        let mut flags = Vec::new();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let flag = argument.strip_prefix("--").ok_or(format!("{argument:?} is no flag"))?;
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                // A flag alone is a switch.
                None => match arguments.next_if(|next| !next.starts_with("--")) {
                    Some(value) => (flag, value),
                    None => (flag, "true".to_owned()),
                },
            };
            if !known.contains(&name) {
                return Err(format!("there is no --{name}; there is --{}", known.join(", --")));
            }
            flags.push((name.to_owned(), value));
        }
        let flags = Self(flags);
        if flags.get("use_tls")?.unwrap_or(false) {
            return Err("--use_tls=true: this program has no TLS".to_owned());
        }
        Ok(flags)
    }

    /// The value of a flag, the last one where there are several.
    ///
    /// # Errors
    ///
    /// What is wrong with the value, in one line.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let Some((_, value)) = self.0.iter().rev().find(|flag| flag.0 == name) else {
            return Ok(None);
        };
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(format!("--{name} cannot be {value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Flags, String> {
        Flags::read(line.split_whitespace().map(str::to_owned), &["port", "use_tls"])
    }

    #[test]
    fn a_value_follows_a_flag_or_an_equals_sign() {
        for line in ["--port=7", "--port 7", "--use_tls=false --port 7", "--port 1 --port=7"] {
            assert_eq!(read(line).unwrap().get("port"), Ok(Some(7)), "{line}");
        }
        assert_eq!(read("").unwrap().get::<u16>("port"), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        let said = |line| read(line).err().unwrap();
        assert_eq!(said("port"), "\"port\" is no flag");
        assert_eq!(said("--prt 7"), "there is no --prt; there is --port, --use_tls");
        assert_eq!(said("--use_tls"), "--use_tls=true: this program has no TLS");
        assert_eq!(said("--use_tls --port=7"), "--use_tls=true: this program has no TLS");
        let port = read("--port=http").unwrap().get::<u16>("port");
        assert_eq!(port, Err("--port cannot be \"http\"".to_owned()));
    }
}

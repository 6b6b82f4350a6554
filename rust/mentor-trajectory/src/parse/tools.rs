//! The offered tools: their names, and which JSON types their parameters take.
//!
//! Only what decides how a value is read is kept of a JSON schema: `type` (also as a list, and with the names that
//! Python programs write), `anyOf`, `oneOf`, `allOf`, `enum`, `const`, `nullable`, and `$ref` within the parameters.

use crate::json::{Number, Object, Value};
use std::collections::HashMap;

/// The offered tools.
#[derive(Clone, Debug, Default)]
pub struct Tools(HashMap<String, Parameters>);

/// The types of a tool's parameters by name.
#[derive(Clone, Debug, Default)]
struct Parameters(HashMap<String, Types>);

impl Tools {
    /// Whether a tool of this name is offered.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds a tool. `parameters` is its JSON schema; without one every value is taken as it looks.
    pub fn insert(&mut self, name: String, parameters: Option<&Value>) {
        let types = parameters.map(Parameters::of_schema).unwrap_or_default();
        self.0.insert(name, types);
    }

    /// The types that a tool's parameter takes; any if the tool or the parameter is not known.
    pub(super) fn types(&self, tool: &str, parameter: &str) -> Types {
        self.0.get(tool).and_then(|types| types.0.get(parameter)).copied().unwrap_or(Types::ANY)
    }
}

impl<N: Into<String>> FromIterator<N> for Tools {
    /// Tools of which nothing but the names is known.
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self(names.into_iter().map(|name| (name.into(), Parameters::default())).collect())
    }
}

impl Parameters {
    fn of_schema(schema: &Value) -> Self {
        let Value::Object(object) = schema else {
            return Self::default();
        };
        let Some(Value::Object(properties)) = object.get("properties") else {
            return Self::default();
        };
        let types = |(name, schema): &(String, Value)| {
            let mut compiler = Compiler { root: object, steps: MAX_STEPS };
            (name.clone(), compiler.types(schema, 0))
        };
        Self(properties.entries().iter().map(types).collect())
    }
}

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    /// Integers and other numbers.
    pub(super) const NUMBER: Self = Self(4 | 8);
    pub(super) const STRING: Self = Self(16);
    const ARRAY: Self = Self(32);
    const OBJECT: Self = Self(64);
    /// What is said of a value of which nothing is said.
    pub(super) const ANY: Self = Self(127);

    /// Whether all types of the other set are in this one.
    pub(super) fn hold(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether a value is nothing but text, or null.
    pub(super) fn is_text(self) -> bool {
        self.0 & !Self::NULL.0 == Self::STRING.0
    }

    /// The type of a value.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(Number::Int(_) | Number::Big(_)) => Self::INTEGER,
            Value::Number(Number::Float(_)) => Self(8),
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "null" | "none" | "None" => Self::NULL,
            "boolean" | "bool" => Self::BOOLEAN,
            "integer" | "int" => Self::INTEGER,
            "number" | "float" | "double" => Self::NUMBER,
            "string" | "str" => Self::STRING,
            "array" | "list" | "tuple" | "set" => Self::ARRAY,
            "object" | "dict" => Self::OBJECT,
            _ => Self::ANY,
        }
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both sets allow; any if they contradict each other.
    fn and(self, other: Self) -> Self {
        if self.0 & other.0 == 0 { Self::ANY } else { Self(self.0 & other.0) }
    }
}

/// Schemas with more steps, which only references can bring about, take any value.
const MAX_STEPS: u32 = 1_000;
const MAX_DEPTH: u32 = 64;

struct Compiler<'a> {
    root: &'a Object,
    steps: u32,
}

impl<'a> Compiler<'a> {
    fn types(&mut self, schema: &'a Value, depth: u32) -> Types {
        let Value::Object(schema) = schema else {
            return Types::ANY;
        };
        if self.steps == 0 || depth == MAX_DEPTH {
            return Types::ANY;
        }
        self.steps -= 1;
        let mut types = Types::ANY;
        for (key, value) in schema.entries() {
            types = types.and(match (key.as_str(), value) {
                ("type", Value::String(name)) => Types::named(name),
                ("type", Value::Array(names)) => union(names, |name| match name {
                    Value::String(name) => Types::named(name),
                    _ => Types::ANY,
                }),
                ("enum", Value::Array(values)) => union(values, Types::of),
                ("const", value) => Types::of(value),
                ("anyOf" | "oneOf", Value::Array(members)) => {
                    union(members, |member| self.types(member, depth + 1))
                }
                ("allOf", Value::Array(members)) => {
                    members.iter().fold(Types::ANY, |all, member| all.and(self.types(member, depth + 1)))
                }
                ("$ref", Value::String(path)) => match self.resolve(path) {
                    Some(schema) => self.types(schema, depth + 1),
                    None => Types::ANY,
                },
                _ => Types::ANY,
            });
        }
        if schema.get("nullable") == Some(&Value::Bool(true)) { types.or(Types::NULL) } else { types }
    }

    /// What `#/$defs/Name` and the like point to.
    fn resolve(&self, path: &str) -> Option<&'a Value> {
        let mut steps = path.strip_prefix("#/")?.split('/');
        let first = self.root.get(&unescaped(steps.next()?))?;
        steps.try_fold(first, |value, step| match value {
            Value::Object(object) => object.get(&unescaped(step)),
            _ => None,
        })
    }
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn union<'a>(values: &'a [Value], types: impl FnMut(&'a Value) -> Types) -> Types {
    values.iter().map(types).reduce(Types::or).unwrap_or(Types::ANY)
}

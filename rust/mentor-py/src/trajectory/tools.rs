//! The tools offered to each row: schemas compiled to names and types, once for all rows that share them.

use super::fault::Fault;
use super::text::{Result, fault, inside, text};
use super::value::value_of;
use mentor_trajectory::json::Value;
use mentor_trajectory::parse::Tools;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<ToolSet>()
}

/// The offered tools, compiled.
#[pyclass(module = "mentor._native", frozen)]
pub(super) struct ToolSet {
    schemas: Py<PyTuple>,
    names: Vec<String>,
    tools: Arc<Tools>,
}

#[pymethods]
impl ToolSet {
    #[new]
    fn new(schemas: &Bound<'_, PyAny>) -> PyResult<Self> {
        let items: Vec<Bound<'_, PyAny>> = schemas.try_iter()?.collect::<PyResult<_>>()?;
        let (names, tools) = compile(&items).map_err(|error| error.raise_alone("tools"))?;
        let schemas = PyTuple::new(schemas.py(), items)?.unbind();
        Ok(Self { schemas, names, tools: Arc::new(tools) })
    }

    /// The names, in order.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    fn __len__(&self) -> usize {
        self.names.len()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (py.get_type::<Self>(), (&self.schemas,)).into_pyobject(py)
    }
}

/// Names and types of schemas (`{"type": "function", "function": {...}}` or the inner object); a text is a name.
fn compile(items: &[Bound<'_, PyAny>]) -> Result<(Vec<String>, Tools)> {
    let mut names = Vec::with_capacity(items.len());
    let mut tools = Tools::default();
    for (place, item) in items.iter().enumerate() {
        let (name, parameters) = inside(schema(item), format_args!("[{place}]"))?;
        tools.insert(name.clone(), parameters.as_ref());
        names.push(name);
    }
    Ok((names, tools))
}

fn schema(item: &Bound<'_, PyAny>) -> Result<(String, Option<Value>)> {
    if let Some(name) = text(item)? {
        return Ok((name.as_str().to_owned(), None));
    }
    let inner = match item.cast::<PyDict>() {
        Ok(dict) => dict.get_item("function")?.unwrap_or_else(|| item.clone()),
        Err(_) => match item.get_item("function") {
            Ok(inner) => inner,
            Err(_) => item.clone(),
        },
    };
    let of = |key: &str| inner.get_item(key).ok().filter(|value| !value.is_none());
    let name = match of("name") {
        Some(name) => text(&name)?,
        None => None,
    };
    let Some(name) = name else {
        let shown: String = item.repr()?.to_string_lossy().chars().take(80).collect();
        return fault(format!("expected a tool schema with a name, not {shown}"));
    };
    let parameters = match of("parameters") {
        Some(parameters) => Some(inside(value_of(&parameters, 0), ".parameters")?),
        None => None,
    };
    Ok((name.as_str().to_owned(), parameters))
}

/// Each row's tools. Rows with the same [`ToolSet`], list or schemas share one compilation.
pub(super) struct Toolboxes {
    distinct: Vec<Arc<Tools>>,
    rows: Vec<Option<usize>>,
}

impl Toolboxes {
    pub(super) fn none() -> Self {
        Self { distinct: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn new(tools: Option<&Bound<'_, PyAny>>, len: usize) -> PyResult<Self> {
        let Some(tools) = tools else {
            return Ok(Self::none());
        };
        let items: Vec<Bound<'_, PyAny>> = tools.try_iter()?.collect::<PyResult<_>>()?;
        if items.len() != len {
            return Err(Fault::new(format!("{len} rows but {} lists of tools", items.len())).raise("tools"));
        }
        let mut boxes = Self { distinct: Vec::new(), rows: Vec::with_capacity(len) };
        let mut lists = HashMap::new();
        let mut contents = HashMap::new();
        // What is compared by its address must live as long as the comparison.
        let mut kept = Vec::new();
        for (row, item) in items.iter().enumerate() {
            if item.is_none() {
                boxes.rows.push(None);
                continue;
            }
            let known = lists.get(&item.as_ptr()).copied();
            let place = match known {
                Some(place) => place,
                None => boxes.place(item, row, &mut contents, &mut kept)?,
            };
            lists.insert(item.as_ptr(), place);
            boxes.rows.push(Some(place));
        }
        Ok(boxes)
    }

    fn place<'py>(
        &mut self,
        item: &Bound<'py, PyAny>,
        row: usize,
        contents: &mut HashMap<Vec<*mut pyo3::ffi::PyObject>, usize>,
        kept: &mut Vec<Bound<'py, PyAny>>,
    ) -> PyResult<usize> {
        if let Ok(set) = item.cast::<ToolSet>() {
            self.distinct.push(Arc::clone(&set.get().tools));
            return Ok(self.distinct.len() - 1);
        }
        let schemas: Vec<Bound<'py, PyAny>> = item.try_iter()?.collect::<PyResult<_>>()?;
        let addresses: Vec<_> = schemas.iter().map(Bound::as_ptr).collect();
        if let Some(place) = contents.get(&addresses) {
            return Ok(*place);
        }
        let (_, tools) = compile(&schemas).map_err(|error| error.raise(row, "tools"))?;
        self.distinct.push(Arc::new(tools));
        contents.insert(addresses, self.distinct.len() - 1);
        kept.extend(schemas);
        Ok(self.distinct.len() - 1)
    }

    pub(super) fn of(&self, row: usize) -> Option<&Tools> {
        self.rows.get(row).copied().flatten().map(|place| &*self.distinct[place])
    }
}

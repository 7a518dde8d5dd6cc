//! From minijinja's syntax tree to ours. With its neighbours `statements` and `bounds` the
//! only file that knows minijinja's machinery, which may change with any release of it:
//! hence the version is pinned to a minor one.

use std::collections::HashMap;
use std::ops::Range;

use minijinja::machinery::{Span as Marked, ast, parse, parse_expr};
use minijinja::syntax::SyntaxConfig;
use serde_json::Value;

use super::path::Path;
use super::tree::{ELEMENT, Relation, Tree, Use};
use super::vocabulary::{FILTERS, FUNCTIONS, TESTS};
use super::{bounds, bridge};
use crate::text::Span;

/// Something wrong with an expression; `range` is of the expression's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub range: Range<usize>,
    pub code: &'static str,
    pub message: String,
    /// The mistyped word and those that there are.
    pub near: Option<(String, &'static [&'static str])>,
}

/// What a text turned out to be.
pub(super) enum Parsed {
    /// No template in it.
    Plain,
    /// `{{ expression }}` and nothing else: where the expression stands.
    Whole(Range<usize>),
    Mixed(Vec<Use>),
}

/// Parses an expression. `place` gives the document's span for a range of the text.
pub(super) fn expression(
    text: &str,
    place: &dyn Fn(Range<usize>) -> Span,
) -> Result<(Tree, Vec<Use>), Vec<Flaw>> {
    bounds::expression(text).map_err(|flaw| vec![flaw])?;
    let parsed = parse_expr(text).map_err(|error| vec![syntax(&error, text)])?;
    let mut lowering = Lowering::new(place);
    let tree = lowering.expr(&parsed);
    let uses = lowering.finish()?;
    let tested: Vec<String> = uses.iter().filter(|used| used.tested).map(|used| used.path.clone()).collect();
    Ok((mark_tested(tree, &tested), uses))
}

/// Parses a text that may hold templates.
pub(super) fn template(
    text: &str,
    syntax_config: SyntaxConfig,
    place: &dyn Fn(Range<usize>) -> Span,
) -> Result<Parsed, Vec<Flaw>> {
    if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
        return Ok(Parsed::Plain);
    }
    bounds::template(text, syntax_config.clone()).map_err(|flaw| vec![flaw])?;
    let parsed = parse(text, "", syntax_config).map_err(|error| vec![syntax(&error, text)])?;
    let ast::Stmt::Template(root) = &parsed else { return Ok(Parsed::Plain) };
    if let [ast::Stmt::EmitExpr(_)] = root.children.as_slice()
        && let Some(inner) = between_braces(text)
    {
        return Ok(Parsed::Whole(inner));
    }
    let mut lowering = Lowering::new(place);
    lowering.block(&root.children);
    lowering.finish().map(Parsed::Mixed)
}

/// The range between the braces, and between their whitespace marks.
fn between_braces(text: &str) -> Option<Range<usize>> {
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner).trim();
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    Some(start..start + inner.len())
}

fn syntax(error: &minijinja::Error, text: &str) -> Flaw {
    let range = error.range().filter(|range| text.get(range.clone()).is_some()).unwrap_or(0..text.len());
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Flaw {
        range,
        code: "expression",
        message: format!("this expression cannot be read: {message}"),
        near: None,
    }
}

fn mark_tested(tree: Tree, tested: &[String]) -> Tree {
    let all = |parts: Vec<Tree>| parts.into_iter().map(|part| mark_tested(part, tested)).collect();
    let one = |part: Box<Tree>| Box::new(mark_tested(*part, tested));
    match tree {
        Tree::Name(used) => Tree::Name(Use { tested: is_tested(&used.path, tested), ..used }),
        Tree::Literal(_) => tree,
        Tree::List(parts) => Tree::List(all(parts)),
        Tree::Other(what, parts) => Tree::Other(what, all(parts)),
        Tree::Not(inner) => Tree::Not(one(inner)),
        Tree::Defined(inner) => Tree::Defined(one(inner)),
        Tree::And(left, right) => Tree::And(one(left), one(right)),
        Tree::Or(left, right) => Tree::Or(one(left), one(right)),
        Tree::Compare { relation, left, right } => {
            Tree::Compare { relation, left: one(left), right: one(right) }
        }
    }
}

/// Whether the path, or what it is looked up in, is one of those asked for.
fn is_tested(path: &str, tested: &[String]) -> bool {
    tested.iter().any(|asked| {
        path.strip_prefix(asked.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

pub(super) struct Lowering<'p> {
    place: &'p dyn Fn(Range<usize>) -> Span,
    uses: Vec<Use>,
    flaws: Vec<Flaw>,
    /// Names that the template itself binds, innermost last, with what they stand for.
    pub(super) locals: Vec<HashMap<String, Option<String>>>,
}

impl<'p> Lowering<'p> {
    fn new(place: &'p dyn Fn(Range<usize>) -> Span) -> Self {
        Self { place, uses: Vec::new(), flaws: Vec::new(), locals: vec![HashMap::new()] }
    }

    fn finish(mut self) -> Result<Vec<Use>, Vec<Flaw>> {
        if !self.flaws.is_empty() {
            return Err(self.flaws);
        }
        let tested: Vec<String> =
            self.uses.iter().filter(|used| used.tested).map(|used| used.path.clone()).collect();
        for used in &mut self.uses {
            used.tested = is_tested(&used.path, &tested);
        }
        Ok(self.uses)
    }

    pub(super) fn expr(&mut self, expr: &ast::Expr<'_>) -> Tree {
        match self.path(expr) {
            Path::Named(path) => self.name(path, extent(expr), false),
            Path::Local => other("local", []),
            Path::None => self.parts(expr),
        }
    }

    /// An expression that is no name.
    fn parts(&mut self, expr: &ast::Expr<'_>) -> Tree {
        match expr {
            ast::Expr::Var(var) => other(var.id, []),
            ast::Expr::Const(constant) => literal(&constant.value),
            ast::Expr::List(list) => Tree::List(self.exprs(&list.items)),
            ast::Expr::Tuple(tuple) => Tree::List(self.exprs(&tuple.items)),
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => Tree::Not(Box::new(self.expr(&unary.expr))),
                ast::UnaryOpKind::Neg => self.negative(expr, &unary.expr),
            },
            ast::Expr::BinOp(binary) => self.binary(binary.op, &binary.left, &binary.right),
            ast::Expr::Compare(compare) => self.chain(compare),
            ast::Expr::IfExpr(choice) => {
                let mut parts = vec![self.expr(&choice.test_expr), self.expr(&choice.true_expr)];
                parts.extend(choice.false_expr.as_ref().map(|part| self.expr(part)));
                other("if", parts)
            }
            ast::Expr::Filter(filter) => self.filter(filter, expr.span()),
            ast::Expr::Test(test) => self.test(test, expr.span()),
            ast::Expr::GetAttr(get) => other(get.name, [self.expr(&get.expr)]),
            ast::Expr::GetItem(get) => other("item", [self.expr(&get.expr), self.expr(&get.subscript_expr)]),
            ast::Expr::Slice(slice) => {
                let mut parts = vec![self.expr(&slice.expr)];
                for (name, end) in [("start", &slice.start), ("stop", &slice.stop), ("step", &slice.step)] {
                    parts.extend(end.as_ref().map(|end| other(name, [self.expr(end)])));
                }
                other("slice", parts)
            }
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::Map(map) => {
                let mut parts = self.exprs(&map.keys);
                parts.extend(self.exprs(&map.values));
                other("map", parts)
            }
        }
    }

    fn exprs(&mut self, exprs: &[ast::Expr<'_>]) -> Vec<Tree> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    pub(super) fn path(&self, expr: &ast::Expr<'_>) -> Path {
        match expr {
            ast::Expr::Var(var) => match self.locals.iter().rev().find_map(|locals| locals.get(var.id)) {
                Some(Some(bound)) => Path::Named(bound.clone()),
                Some(None) => Path::Local,
                None => Path::Named(var.id.to_owned()),
            },
            ast::Expr::GetAttr(get) => self.path(&get.expr).part(get.name),
            ast::Expr::GetItem(get) => {
                let ast::Expr::Const(constant) = &get.subscript_expr else { return Path::None };
                match (constant.value.as_str(), constant.value.as_i64()) {
                    (Some(key), _) if is_plain(key) => self.path(&get.expr).part(key),
                    (None, Some(_)) => self.path(&get.expr).part(ELEMENT),
                    _ => Path::None,
                }
            }
            _ => Path::None,
        }
    }

    fn name(&mut self, path: String, range: Range<usize>, tested: bool) -> Tree {
        let used = Use { path, span: (self.place)(range), tested };
        self.uses.push(used.clone());
        Tree::Name(used)
    }

    fn negative(&mut self, whole: &ast::Expr<'_>, inner: &ast::Expr<'_>) -> Tree {
        match whole.as_const() {
            Some(value) => literal(&value),
            None => other("-", [self.expr(inner)]),
        }
    }

    fn binary(&mut self, op: ast::BinOpKind, left: &ast::Expr<'_>, right: &ast::Expr<'_>) -> Tree {
        let (left, right) = (Box::new(self.expr(left)), Box::new(self.expr(right)));
        let relation = match op {
            ast::BinOpKind::ScAnd => return Tree::And(left, right),
            ast::BinOpKind::ScOr => return Tree::Or(left, right),
            ast::BinOpKind::Eq => Relation::Equal,
            ast::BinOpKind::Ne => Relation::Unequal,
            ast::BinOpKind::In => Relation::In,
            ast::BinOpKind::Lt => Relation::Less,
            ast::BinOpKind::Lte => Relation::LessOrEqual,
            ast::BinOpKind::Gt => Relation::Greater,
            ast::BinOpKind::Gte => Relation::GreaterOrEqual,
            ast::BinOpKind::Add => return other("+", [*left, *right]),
            ast::BinOpKind::Sub => return other("-", [*left, *right]),
            ast::BinOpKind::Mul => return other("*", [*left, *right]),
            ast::BinOpKind::Div => return other("/", [*left, *right]),
            ast::BinOpKind::FloorDiv => return other("//", [*left, *right]),
            ast::BinOpKind::Rem => return other("%", [*left, *right]),
            ast::BinOpKind::Pow => return other("**", [*left, *right]),
            ast::BinOpKind::Concat => return other("~", [*left, *right]),
        };
        Tree::Compare { relation, left, right }
    }

    /// `a < b < c` is `a < b and b < c`.
    fn chain(&mut self, compare: &ast::Compare<'_>) -> Tree {
        let mut left = self.expr(&compare.expr);
        let mut whole: Option<Tree> = None;
        for op in &compare.ops {
            let right = self.expr(&op.expr);
            let relation = match op.op {
                ast::CompareOpKind::Eq => Relation::Equal,
                ast::CompareOpKind::Ne => Relation::Unequal,
                ast::CompareOpKind::In => Relation::In,
                ast::CompareOpKind::NotIn => Relation::NotIn,
                ast::CompareOpKind::Lt => Relation::Less,
                ast::CompareOpKind::Lte => Relation::LessOrEqual,
                ast::CompareOpKind::Gt => Relation::Greater,
                ast::CompareOpKind::Gte => Relation::GreaterOrEqual,
            };
            let link = Tree::Compare { relation, left: Box::new(left), right: Box::new(right.clone()) };
            left = right;
            whole = Some(match whole {
                Some(before) => Tree::And(Box::new(before), Box::new(link)),
                None => link,
            });
        }
        whole.unwrap_or(left)
    }

    fn filter(&mut self, filter: &ast::Filter<'_>, marked: Marked) -> Tree {
        self.known("filter", filter.name, FILTERS, marked);
        let tests = matches!(filter.name, "default" | "d");
        let mut parts = Vec::new();
        if let Some(inner) = &filter.expr {
            parts.push(if tests { self.asked(inner) } else { self.expr(inner) });
        }
        parts.extend(self.arguments(&filter.args));
        other(filter.name, parts)
    }

    fn test(&mut self, test: &ast::Test<'_>, marked: Marked) -> Tree {
        self.known("test", test.name, TESTS, marked);
        match test.name {
            "defined" => Tree::Defined(Box::new(self.asked(&test.expr))),
            "undefined" => Tree::Not(Box::new(Tree::Defined(Box::new(self.asked(&test.expr))))),
            "eq" | "equalto" if test.args.len() == 1 => self.test_relation(Relation::Equal, test),
            "ne" if test.args.len() == 1 => self.test_relation(Relation::Unequal, test),
            "in" if test.args.len() == 1 => self.test_relation(Relation::In, test),
            _ => {
                let mut parts = vec![self.expr(&test.expr)];
                parts.extend(self.arguments(&test.args));
                other(&format!("is {}", test.name), parts)
            }
        }
    }

    fn test_relation(&mut self, relation: Relation, test: &ast::Test<'_>) -> Tree {
        let left = Box::new(self.expr(&test.expr));
        let right = self.arguments(&test.args).into_iter().next().unwrap_or_else(|| other("nothing", []));
        Tree::Compare { relation, left, right: Box::new(right) }
    }

    /// A part of an expression that may be undefined.
    fn asked(&mut self, expr: &ast::Expr<'_>) -> Tree {
        match self.path(expr) {
            Path::Named(path) => self.name(path, extent(expr), true),
            Path::Local | Path::None => self.expr(expr),
        }
    }

    pub(super) fn call(&mut self, call: &ast::Call<'_>) -> Tree {
        match &call.expr {
            ast::Expr::Var(var) => self.known("function", var.id, FUNCTIONS, call.expr.span()),
            other => self.flaws.push(Flaw {
                range: range(other.span()),
                code: "expression",
                message: "values have no methods to call; use a filter, such as `| lower`".to_owned(),
                near: None,
            }),
        }
        let arguments = self.arguments(&call.args);
        other("call", arguments)
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'_>]) -> Vec<Tree> {
        let mut parts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            parts.push(match argument {
                ast::CallArg::Pos(expr) | ast::CallArg::PosSplat(expr) | ast::CallArg::KwargSplat(expr) => {
                    self.expr(expr)
                }
                ast::CallArg::Kwarg(name, expr) => other(&format!("{name}="), [self.expr(expr)]),
            });
        }
        parts
    }

    fn known(&mut self, what: &str, word: &str, words: &'static [&'static str], marked: Marked) {
        if !words.contains(&word) {
            self.flaws.push(Flaw {
                range: range(marked),
                code: "expression",
                message: format!("there is no {what} `{word}`"),
                near: Some((word.to_owned(), words)),
            });
        }
    }
}

fn literal(value: &minijinja::Value) -> Tree {
    bridge::to_json(value).map_or_else(|_| other("literal", []), |value: Value| Tree::Literal(value))
}

fn other(what: &str, parts: impl Into<Vec<Tree>>) -> Tree {
    Tree::Other(what.to_owned(), parts.into())
}

/// From the first part of a dotted name to its last.
fn extent(expr: &ast::Expr<'_>) -> Range<usize> {
    let mut first = expr;
    loop {
        first = match first {
            ast::Expr::GetAttr(get) => &get.expr,
            ast::Expr::GetItem(get) => &get.expr,
            _ => break,
        };
    }
    range(first.span()).start..range(expr.span()).end
}

fn range(marked: Marked) -> Range<usize> {
    marked.start_offset as usize..marked.end_offset as usize
}

/// Whether a key could be written after a dot.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

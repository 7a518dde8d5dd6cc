//! The statements of templates: which names they bind, and which they look up.

use std::collections::HashMap;

use minijinja::machinery::ast;

use super::lower::Lowering;
use super::tree::ELEMENT;

impl Lowering<'_> {
    pub(super) fn block(&mut self, statements: &[ast::Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn inner(&mut self, statements: &[ast::Stmt<'_>]) {
        self.locals.push(HashMap::new());
        self.block(statements);
        self.locals.pop();
    }

    fn statement(&mut self, statement: &ast::Stmt<'_>) {
        match statement {
            ast::Stmt::Template(root) => self.block(&root.children),
            ast::Stmt::EmitRaw(_) => {}
            ast::Stmt::EmitExpr(emit) => drop(self.expr(&emit.expr)),
            ast::Stmt::ForLoop(each) => self.each(each),
            ast::Stmt::IfCond(condition) => {
                self.expr(&condition.expr);
                self.inner(&condition.true_body);
                self.inner(&condition.false_body);
            }
            ast::Stmt::WithBlock(with) => {
                self.locals.push(HashMap::new());
                for (target, value) in &with.assignments {
                    let bound = self.path(value).named();
                    self.expr(value);
                    self.bind(target, bound);
                }
                self.block(&with.body);
                self.locals.pop();
            }
            ast::Stmt::Set(set) => {
                let bound = self.path(&set.expr).named();
                self.expr(&set.expr);
                self.bind(&set.target, bound);
            }
            ast::Stmt::SetBlock(set) => {
                self.inner(&set.body);
                self.bind(&set.target, None);
            }
            ast::Stmt::AutoEscape(block) => self.inner(&block.body),
            ast::Stmt::FilterBlock(block) => {
                self.expr(&block.filter);
                self.inner(&block.body);
            }
            ast::Stmt::Do(call) => drop(self.call(&call.call)),
        }
    }

    fn each(&mut self, each: &ast::ForLoop<'_>) {
        let element = self.path(&each.iter).named().map(|list| format!("{list}.{ELEMENT}"));
        self.expr(&each.iter);
        self.locals.push(HashMap::from([("loop".to_owned(), None)]));
        self.bind(&each.target, element);
        if let Some(filter) = &each.filter_expr {
            self.expr(filter);
        }
        self.block(&each.body);
        self.locals.pop();
        self.inner(&each.else_body);
    }

    fn bind(&mut self, target: &ast::Expr<'_>, bound: Option<String>) {
        let Some(locals) = self.locals.last_mut() else { return };
        match target {
            ast::Expr::Var(var) => drop(locals.insert(var.id.to_owned(), bound)),
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.bind(item, None)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind(item, None)),
            _ => {}
        }
    }
}

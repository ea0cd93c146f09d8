"""平急转换: a declared level turns a plan's task table into orders; lowering it ends them."""

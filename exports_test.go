package heyq_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// public are the rooms that other modules import.
var public = []string{"client", "wire", "jobs", "store", "store/postgres"}

// What other modules see has no type that they cannot name: one of internal/ is theirs only
// by a name that a public room gives it, as wire.Code is.
func TestExports_need_nothing_internal(t *testing.T) {
	t.Parallel()
	seen := 0
	for name, file := range sources(t) {
		if !slices.Contains(public, path.Dir(name)) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		seen++
		for _, breach := range leaks(file) {
			t.Errorf("%s: %s; give it a name in a room that other modules can import", name, breach)
		}
	}
	if seen < 50 {
		t.Errorf("looked at %d files only", seen)
	}
}

// The test is worth nothing if a leak goes unseen.
func TestExports_leaks_are_seen(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		`func F() fault.Code { return "" }`:               1,
		`func F(list ...*fault.Error) {}`:                 1,
		`func f() fault.Code { return "" }`:               0,
		`type T struct { Code fault.Code; f fault.Code }`: 1,
		`type T struct { fault.Error }`:                   1,
		`type T interface { F() map[string]fault.Code }`:  1,
		`type T = fault.Code`:                             0,
		`type T fault.Error`:                              1,
		`type t struct { Code fault.Code }`:               0,
		`func (t t) F() fault.Code { return "" }`:         0,
		`func (T) F(fault.Code) {}`:                       1,
		`func (*T[P]) F(fault.Code) {}`:                   1,
		`func (T) f(fault.Code) {}`:                       0,
		`var V fault.Code`:                                1,
		`const C fault.Code = "c"`:                        1,
		`const C = fault.Invalid`:                         0,
		`func F() { _ = fault.Invalid }`:                  0,
		`func F[T fault.Code]() {}`:                       1,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\nimport \"heyq/internal/fault\"\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := leaks(file); len(got) != want {
			t.Errorf("%s: got %q, want %d", source, got, want)
		}
	}
}

// leaks are the internal types in what a file exports.
func leaks(file *ast.File) (list []string) {
	hidden := map[string]bool{} // names of packages
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if !strings.HasPrefix(name, "heyq/internal/") {
			continue
		}
		if spec.Name != nil {
			hidden[spec.Name.Name] = true
		} else {
			hidden[path.Base(name)] = true
		}
	}
	look := func(what string, shown ast.Node) {
		ast.Inspect(shown, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field: // unless none of its names is exported
				return len(n.Names) == 0 || !isField(shown, n) || slices.ContainsFunc(n.Names, (*ast.Ident).IsExported)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && hidden[x.Name] {
					list = append(list, fmt.Sprintf("%s needs %s.%s", what, x.Name, n.Sel.Name))
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type))) {
				look(d.Name.Name, d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && !spec.Assign.IsValid() {
						look(spec.Name.Name, spec.Type)
					}
				case *ast.ValueSpec:
					if spec.Type != nil && slices.ContainsFunc(spec.Names, (*ast.Ident).IsExported) {
						look(spec.Names[0].Name, spec.Type)
					}
				}
			}
		}
	}
	return list
}

// isField says whether f is a field of a struct, whose small name hides it, and no parameter.
func isField(of ast.Node, f *ast.Field) (is bool) {
	ast.Inspect(of, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok {
			is = is || slices.Contains(s.Fields.List, f)
		}
		return !is
	})
	return is
}

// receiver names the type of a method.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

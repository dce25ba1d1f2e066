package heyq_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// logFields are the methods of zerolog that take the name of a field first.
var logFields = []string{
	"Str", "Strs", "Stringer", "Stringers", "Bytes", "Hex", "RawJSON", "AnErr", "Bool", "Bools", "Int", "Ints", "Int8", "Int16", "Int32",
	"Int64", "Uint", "Uint8", "Uint16", "Uint32", "Uint64", "Float32", "Float64", "Time", "Dur", "TimeDiff", "Interface", "Any", "IPAddr",
	"Dict", "Array", "Object", "Type",
}

// TestLog_keys_have_one_home sees to it that fields of log lines are named by
// internal/logkey, where who searches a log, or writes an alert, finds them.
func TestLog_keys_have_one_home(t *testing.T) {
	lines := 0
	for path, file := range sources(t) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "bench/") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, field := range literalFields(n, &lines) {
				t.Errorf("%s: the field %s of a log line is named here; give it a name in internal/logkey", positions.Position(field.Pos()), field.Value)
			}
			return true
		})
	}
	if lines < 20 {
		t.Errorf("found %d lines of the log only: this test does not see them", lines)
	}
}

// literalFields returns the names that are written out in a call which ends a
// line: x.Info().Str("name", …).Msg(…).
func literalFields(n ast.Node, lines *int) (list []*ast.BasicLit) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	end, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Msg", "Msgf", "Send", "Logger"}, end.Sel.Name) {
		return nil
	}
	begun := false
	for link := end.X; ; {
		call, ok := link.(*ast.CallExpr)
		if !ok {
			break
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			break
		}
		begun = true
		if slices.Contains(logFields, method.Sel.Name) && len(call.Args) > 0 {
			if name, ok := call.Args[0].(*ast.BasicLit); ok {
				list = append(list, name)
			}
		}
		link = method.X
	}
	if begun {
		*lines++
	}
	return list
}

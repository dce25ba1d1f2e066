package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"heyq/internal/fault"
)

// Load reads the configuration from environ, which has the form of os.Environ.
// Its error is a fault.Invalid with a field for every problem, sorted by
// variable. The warnings are of things that work and are probably not meant;
// they come with an error as well.
func Load(environ []string) (Config, []Warning, error) {
	var c Config
	r := &reader{config: &c, vars: variables(&c), values: valuesOf(environ), wrong: map[string]bool{}}
	r.readFiles()
	r.parse()
	r.apply()
	warnings := append(r.unknown(), r.unsafe()...)
	slices.SortStableFunc(warnings, func(a, b Warning) int { return cmp.Compare(a.Variable, b.Variable) })
	return c, warnings, r.fault()
}

// reader gathers the problems on the way from environ to Config.
type reader struct {
	config   *Config
	vars     []variable
	values   map[string]string // what is set; secrets from files included
	wrong    map[string]bool   // variables that have a problem already
	problems []fault.Field
}

// valuesOf returns what is set. Set to nothing is not set: that is how a
// commented file of variables or a Compose file leaves things out.
func valuesOf(environ []string) map[string]string {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" {
			values[name] = value
		}
	}
	return values
}

// problem notes what a variable got, what it wants and how to mend it.
func (r *reader) problem(name, got, want, mend string) {
	r.wrong[name] = true
	shown := "got nothing"
	if got != "" {
		shown = fmt.Sprintf("got %q", got)
	}
	r.problems = append(r.problems, fault.Field{Name: name, Value: got, Message: shown + "; wants " + want + "; " + mend})
}

// readFiles fills each secret from the file that its twin names.
func (r *reader) readFiles() {
	for _, v := range r.vars {
		twin := v.Name + "_FILE"
		path, ok := r.values[twin]
		if !v.Secret || !ok {
			continue
		}
		content, err := os.ReadFile(path)
		value := strings.TrimSpace(string(content))
		switch {
		case r.values[v.Name] != "":
			r.problem(twin, path, "to be the only one of the two", "unset "+v.Name+" or "+twin)
		case err != nil:
			r.problem(twin, path, "a file that can be read", "mend: "+reason(err))
		case value == "":
			r.problem(twin, path, "a file with a value in it", "write the value into it or unset "+twin)
		default:
			r.values[v.Name] = value
		}
	}
}

// reason is the error of a file without its path, which is shown already.
func reason(err error) string {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// parse gives every field its value or its default. One group at a time: the
// library's errors name a field, and that is unique in its group only.
func (r *reader) parse() {
	for group, value := range reflect.ValueOf(r.config).Elem().Fields() {
		err := env.ParseWithOptions(value.Addr().Interface(), env.Options{Environment: r.values})
		all, _ := errors.AsType[env.AggregateError](err)
		for _, err := range all.Errors {
			r.unparsed(group.Type, err)
		}
	}
	_, r.config.Protocol.PollIntervalSet = r.values["HEYQ_POLL_INTERVAL"]
	_, r.config.Policy.HeyGenRateSet = r.values["HEYQ_HEYGEN_RATE"]
}

// unparsed translates an error of the library.
func (r *reader) unparsed(group reflect.Type, err error) {
	parse, ok := errors.AsType[env.ParseError](err)
	if !ok {
		panic("config: a field of " + group.Name() + " is declared wrongly: " + err.Error())
	}
	field, _ := group.FieldByName(parse.Name)
	name := field.Tag.Get("env")
	for _, v := range r.vars {
		if v.Name == name {
			want, mend := v.wants()
			r.problem(name, v.shown(r.values[name]), want, mend)
		}
	}
}

func (r *reader) fault() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortFunc(r.problems, func(a, b fault.Field) int { return cmp.Compare(a.Name, b.Name) })
	noun := "problems"
	if len(r.problems) == 1 {
		noun = "problem"
	}
	err := fault.New(fault.Invalid, "the configuration has %d %s", len(r.problems), noun).
		WithHint("docs/config.md describes every variable")
	err.Fields = r.problems
	return err
}

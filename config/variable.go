package config

import (
	"net/url"
	"reflect"
	"strings"
)

// variable is one field of the structs in config.go.
type variable struct {
	Group   string // such as HeyGen
	Name    string // such as HEYGEN_API_KEY
	Default string
	Text    string // what it is for
	Secret  bool   // has a twin NAME_FILE
	Hidden  bool   // is for tests, and in no document
	field   reflect.Value
}

// variables lists those of c, in the order of their declaration.
func variables(c *Config) []variable {
	var list []variable
	for group, groupValue := range reflect.ValueOf(c).Elem().Fields() {
		for field, value := range groupValue.Fields() {
			name := field.Tag.Get("env")
			if name == "-" {
				continue
			}
			list = append(list, variable{
				Group: group.Name, Name: name, Default: field.Tag.Get("envDefault"), Text: field.Tag.Get("desc"),
				Secret: field.Type == reflect.TypeFor[Secret]() || field.Type == reflect.TypeFor[SecretURL](),
				Hidden: field.Tag.Get("hidden") == "true",
				field:  value,
			})
		}
	}
	return list
}

// shown returns how a value of the variable may be printed.
func (v variable) shown(value string) string {
	switch v.field.Interface().(type) {
	case Secret:
		return Secret{value}.String()
	case SecretURL:
		return SecretURL{value}.String()
	}
	return shownURL(value)
}

// shownURL returns a value as it may be printed: of a URL with a password, all
// but that.
func shownURL(value string) string {
	u, err := url.Parse(value)
	if err == nil && u.User == nil && !strings.Contains(value, "@") {
		return value
	}
	if strings.Contains(value, "://") {
		return SecretURL{value}.String()
	}
	return value
}

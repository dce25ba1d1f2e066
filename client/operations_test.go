package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"heyq/api"
	"heyq/client"
)

// operation is what the API's description says of one.
type operation struct {
	Parameters []struct{ Name, In string }
}

// described are the operations of openapi.json, by method and path.
func described(t *testing.T) map[string]operation {
	t.Helper()
	answer := httptest.NewRecorder()
	api.New(api.Options{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]operation{}
	for path, methods := range document.Paths {
		for method, op := range methods {
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d operations are described", len(all))
	}
	return all
}

// Each operation of the API has a method, which can set each of its parameters; and no
// method asks for what is none.
func TestClient_has_a_method_for_each_operation(t *testing.T) {
	t.Parallel()
	operations := described(t)
	asked := map[string]map[string]bool{} // which parameters, by operation
	mux := http.NewServeMux()
	for route := range operations {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
			if asked[route] == nil {
				asked[route] = map[string]bool{}
			}
			for name := range r.URL.Query() {
				asked[route][name] = true
			}
			for name := range r.Header {
				asked[route][name] = true
			}
			if strings.HasSuffix(route, "/events") {
				_, _ = io.WriteString(w, "event: video\ndata: {}\n\n")
				return
			}
			next := `"n"`
			if r.URL.Query().Has("cursor") || r.URL.Query().Has("after") {
				next = `null`
			}
			_, _ = io.WriteString(w, `{"id":"`+id+`","videos":[],"pagination":{"next_cursor":`+next+`},"next":`+next+`}`)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the client asks for %s %s, which is no operation", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	callAll(t, client.New(server.URL, "token", client.WithRetries(0, 0)))

	for route, op := range operations {
		if asked[route] == nil {
			t.Errorf("the client has no method for %s", route)
			continue
		}
		for _, p := range op.Parameters {
			if (p.In == "query" || p.Name == "Idempotency-Key") && !asked[route][p.Name] {
				t.Errorf("%s: no method sets %s", route, p.Name)
			}
		}
	}
}

const id = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"

// callAll calls each method of each service with arguments that leave nothing empty, and
// goes through what it returns.
func callAll(t *testing.T, c *client.Client) {
	t.Helper()
	services := reflect.ValueOf(c).Elem()
	for i := range services.NumField() {
		if !services.Type().Field(i).IsExported() {
			continue
		}
		service := services.Field(i)
		for m := range service.NumMethod() {
			method := service.Method(m)
			arguments := []reflect.Value{reflect.ValueOf(t.Context())}
			for a := 1; a < method.Type().NumIn(); a++ {
				arguments = append(arguments, full(method.Type().In(a), 0))
			}
			if method.Type().IsVariadic() {
				arguments = arguments[:len(arguments)-1]
			}
			for _, result := range method.Call(arguments) {
				drain(result)
			}
		}
	}
}

// full returns a value of a type, in which nothing is empty.
func full(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case depth > 5:
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
	case t.Kind() == reflect.String:
		v.SetString(id)
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	case v.CanFloat():
		v.SetFloat(1)
	case t.Kind() == reflect.Pointer:
		v.Set(full(t.Elem(), depth+1).Addr())
	case t.Kind() == reflect.Slice:
		v.Set(reflect.Append(v, full(t.Elem(), depth+1)))
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		v.Set(reflect.ValueOf([]string{}))
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(full(t.Field(i).Type, depth+1))
			}
		}
	}
	return v
}

// drain goes through an iterator, and closes what can be.
func drain(v reflect.Value) {
	if closer, ok := v.Interface().(io.Closer); ok && !v.IsNil() {
		_ = closer.Close()
	}
	if v.Kind() != reflect.Func || v.Type().NumIn() != 1 || v.Type().In(0).Kind() != reflect.Func {
		return
	}
	yield := reflect.MakeFunc(v.Type().In(0), func([]reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(false)} // after all pages: they have no items
	})
	v.Call([]reflect.Value{yield})
}

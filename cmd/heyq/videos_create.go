package main

import (
	"encoding/json"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/internal/text"
	"heyq/wire"
)

func (p *program) videosCreate() *cobra.Command {
	c := &cobra.Command{
		Use:   "create",
		Short: "Ask for one video",
		Long: `Ask for one video. Exactly one of --script, --audio-url, --template-id and
--heygen says what to render; --file gives the whole body as JSON instead.

Where a value may be @FILE it is read from that file, and from standard input
where it is @-.`,
		Example: `  heyq videos create --title Welcome --script "Hello Ada!" --avatar-id avatar_1 --voice-id voice_1
  heyq videos create --template-id template_1 --variable name=Ada --variable company=Acme
  heyq videos create --file body.json`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	key := c.Flags().String("idempotency-key", "", "with the same key the same command gives the first answer again")
	body := newBodyFlags(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		request, err := body.read(p.stdin)
		if err != nil {
			return err
		}
		client, _, err := p.client()
		if err != nil {
			return err
		}
		v, err := client.Videos.Create(c.Context(), request, *key)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(v)
		}
		p.screen.Printf("%s %s is %s\n", screen.Good("✓"), screen.Bold(v.ID), screen.State(v.State))
		p.screen.Println(screen.Dim("  follow it with: heyq videos watch " + v.ID))
		return nil
	}
	return c
}

// bodyFlags are the fields of a video as flags.
type bodyFlags struct {
	flags     *pflag.FlagSet
	file      string
	variables []string
	metadata  []string
}

// plainFields are those that are one flag each: --script is script, --avatar-id is
// avatar_id. The flag --idempotency-key is for the request.
var plainFields = slices.DeleteFunc(wire.Fields(), func(f wire.Field) bool {
	return f.Type.Kind() == reflect.Map || f.Name == "idempotency_key"
})

func flagOf(field string) string { return strings.ReplaceAll(field, "_", "-") }

var (
	fieldName = regexp.MustCompile(`\b[a-z]+_[a-z_]+\b`)
	firstWord = regexp.MustCompile(`^[A-Z][a-z]*\b`) // and not HeyGen
)

// usageOf says what the API's documents say of a field, for flags.
func usageOf(f wire.Field) string {
	usage := fieldName.ReplaceAllStringFunc(f.Doc, func(name string) string { return "--" + flagOf(name) })
	usage = firstWord.ReplaceAllStringFunc(usage, strings.ToLower)
	if f.Name == "script" {
		usage += "; or @FILE"
	}
	return usage
}

func newBodyFlags(flags *pflag.FlagSet) *bodyFlags {
	b := &bodyFlags{flags: flags}
	for _, f := range plainFields {
		switch f.Type.Kind() {
		case reflect.Bool:
			flags.Bool(flagOf(f.Name), false, usageOf(f))
		default:
			flags.String(flagOf(f.Name), "", usageOf(f))
		}
	}
	flags.StringArrayVar(&b.variables, "variable", nil, "`name=value` of the template; a JSON object is sent as it is (repeatable)")
	flags.StringArrayVar(&b.metadata, "metadata", nil, "`key=value` of your own, given back as it came (repeatable)")
	flags.String("heygen", "", "body of HeyGen's POST /v3/videos as JSON, or @FILE: type image, cinematic_avatar or studio")
	flags.StringVar(&b.file, "file", "", "whole body as JSON, from this file (- is standard input)")
	return b
}

// read builds the body: what was given, and nothing else. Whether it makes
// sense is for the API to say.
func (b *bodyFlags) read(stdin io.Reader) (any, error) {
	body, err := b.fields(stdin)
	if err != nil || b.file == "" {
		return body, err
	}
	if len(body) > 0 {
		return nil, fault.New(fault.Invalid, "--file is the whole body; the other fields go into the file")
	}
	content, err := readFile(b.file, stdin)
	if err != nil {
		return nil, err
	}
	return rawObject("--file", content)
}

func (b *bodyFlags) fields(stdin io.Reader) (map[string]any, error) {
	body := map[string]any{}
	for _, f := range plainFields {
		flag := flagOf(f.Name)
		if !b.flags.Changed(flag) {
			continue
		}
		var err error
		switch f.Type.Kind() {
		case reflect.Bool:
			body[f.Name], err = b.flags.GetBool(flag)
		case reflect.Int: // the API says what is wrong with one that is none
			text, _ := b.flags.GetString(flag)
			if priority, ok := wire.ParsePriority(text); ok {
				body[f.Name] = priority
			} else {
				body[f.Name] = text
			}
		default:
			body[f.Name], err = b.text(flag, stdin)
		}
		if err != nil {
			return nil, err
		}
	}
	return body, b.addObjects(body, stdin)
}

// text is the value of a flag, and for --script what stands in the file that it names.
func (b *bodyFlags) text(flag string, stdin io.Reader) (string, error) {
	value, err := b.flags.GetString(flag)
	if path, ok := strings.CutPrefix(value, "@"); ok && flag == "script" {
		var content []byte
		content, err = readFile(path, stdin)
		value = strings.TrimSpace(string(content))
	}
	if err == nil && !utf8.ValidString(value) {
		err = fault.New(fault.Malformed, "--%s is not UTF-8", flag).WithHint("encode it as UTF-8; nothing was sent")
	}
	return value, err
}

// addObjects adds the fields that are no plain values.
func (b *bodyFlags) addObjects(body map[string]any, stdin io.Reader) error {
	for field, given := range map[string][]string{"variables": b.variables, "metadata": b.metadata} {
		entries := map[string]any{}
		for _, entry := range given {
			name, value, ok := strings.Cut(entry, "=")
			if !ok || name == "" {
				return fault.New(fault.Malformed, "%q is no entry of %s", entry, field).WithHint("write name=value")
			}
			entries[name] = value
			if field == "variables" && strings.HasPrefix(value, "{") && json.Valid([]byte(value)) {
				if err := text.CheckJSON("--variable "+name, []byte(value)); err != nil {
					return err
				}
				entries[name] = json.RawMessage(value)
			}
		}
		if len(entries) > 0 {
			body[field] = entries
		}
	}
	value, _ := b.flags.GetString("heygen")
	if value == "" {
		return nil
	}
	content := []byte(value)
	if path, ok := strings.CutPrefix(value, "@"); ok {
		var err error
		if content, err = readFile(path, stdin); err != nil {
			return err
		}
	}
	object, err := rawObject("--heygen", content)
	body["heygen"] = object
	return err
}

// rawObject keeps JSON as it was written, once it is known to be an object.
func rawObject(flag string, content []byte) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(content, &object); err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "%s is no JSON object: %v", flag, err)
	}
	return content, text.CheckJSON(flag, content)
}

// readFile reads a file that the user named; - is standard input.
func readFile(path string, stdin io.Reader) ([]byte, error) {
	var content []byte
	var err error
	if path == "-" {
		content, err = io.ReadAll(stdin)
	} else {
		content, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return content, nil
}

// unreadable says why a file that the user named cannot be read.
func unreadable(err error) error {
	return fault.Wrap(err, fault.Invalid, "cannot read the file: %v", err)
}

package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/client"
	"heyq/cmd/heyq/internal/keyfile"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/datafolder"
	"heyq/internal/fault"
)

// client returns a client of the heyq at HEYQ_URL. It shows HEYQ_KEY, or else the operator
// token that is set, or else the key that heyq login has kept for that heyq, or else the
// token in the data folder of that heyq. It repeats nothing: who sits at a terminal is told
// at once, and commands that wait have a patience of their own.
func (p *program) client() (*client.Client, config.Config, error) {
	c, err := p.clientConfig()
	if err != nil {
		return nil, c, err
	}
	token := c.HTTP.OperatorToken
	if c.HTTP.Key.IsSet() {
		token = c.HTTP.Key
	}
	if !token.IsSet() {
		k, mended, err := keyfile.Read(keyfile.Folder(p.environ), c.HTTP.URL)
		if err != nil {
			return nil, c, err
		}
		if mended != "" {
			p.aside.Println(screen.Bad("!") + " " + mended)
		}
		token = config.NewSecret(k.Secret)
	}
	if !token.IsSet() && datafolder.Serves(c.Store.Dir, c.HTTP.URL) {
		token = app.KeptToken(c)
	}
	return client.New(c.HTTP.URL, token.Reveal(), client.WithRetries(0, 0)), c, nil
}

// clientConfig reads what a client needs. The other variables do not matter to it, and so
// cannot be wrong.
func (p *program) clientConfig() (config.Config, error) {
	c, _, err := config.Load(p.environ)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		f.Fields = slices.DeleteFunc(f.Fields, func(field fault.Field) bool {
			return !slices.Contains([]string{"HEYQ_URL", "HEYQ_OPERATOR_TOKEN", "HEYQ_OPERATOR_TOKEN_FILE", "HEYQ_KEY", "HEYQ_KEY_FILE"}, field.Name)
		})
		if len(f.Fields) > 0 {
			return c, f
		}
	}
	return c, nil
}

// asking makes c ask the heyq at HEYQ_URL, and show what it answers or print it as
// JSON.
func asking[T any](p *program, c *cobra.Command, ask func(context.Context, *client.Client, []string) (T, error), show func(T)) *cobra.Command {
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		answer, err := ask(c.Context(), client, args)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return p.json(answer)
		}
		show(answer)
		return nil
	}
	return c
}

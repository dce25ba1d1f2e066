package main

import (
	"errors"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/fault"
)

func (p *program) config() *cobra.Command {
	c := asGroup(&cobra.Command{Use: "config", Short: "Look at the configuration"})
	c.AddCommand(p.configCheck())
	return c
}

func (p *program) configCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Say every problem of the configuration at once",
		Long: `Say every problem of the configuration at once, and what works but is probably
not meant. Nothing is connected to. The exit code is 2 if there are problems.`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		_, warnings, err := config.Load(p.environ)
		if *asJSON {
			return p.checkedJSON(warnings, err)
		}
		for _, w := range warnings {
			p.screen.Printf("%s %s: %s\n", screen.Warn("warning"), w.Variable, w.Message)
		}
		if err == nil {
			p.screen.Printf("%s the configuration is good\n", screen.Good("✓"))
		}
		return err
	}
	return c
}

// checkedJSON prints problems and warnings in one object.
func (p *program) checkedJSON(warnings []config.Warning, err error) error {
	type warning struct {
		Variable string `json:"field"`
		Message  string `json:"message"`
	}
	answer := struct {
		Problems []fault.Field `json:"problems"`
		Warnings []warning     `json:"warnings"`
	}{Problems: []fault.Field{}, Warnings: []warning{}}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		answer.Problems = append(answer.Problems, f.Fields...)
	}
	for _, w := range warnings {
		answer.Warnings = append(answer.Warnings, warning(w))
	}
	return errors.Join(p.json(answer), err)
}

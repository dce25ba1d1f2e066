package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"heyq/client"
	"heyq/cmd/heyq/internal/keyfile"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) login() *cobra.Command {
	c := &cobra.Command{
		Use:   "login",
		Short: "Have these commands come in as you",
		Long: `Have these commands come in as you.

It asks for your e-mail and password, makes a key in your name, and keeps that in your
configuration folder, for this one heyq: the one at --url, or else at HEYQ_URL. Without an
e-mail it asks for a key that you have. HEYQ_KEY and HEYQ_OPERATOR_TOKEN win over it.

If standard input is no terminal its first line is the e-mail, and the second one the
password; or its one line is the key.`,
		Example: `  heyq login --url https://heyq.example.com`,
		Args:    wantsNone,
	}
	at := c.Flags().String("url", "", "where the heyq is (default HEYQ_URL)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		base, err := p.baseOf(*at)
		if err != nil {
			return err
		}
		k, err := p.keyFor(c.Context(), base)
		if err != nil {
			return err
		}
		path, err := keyfile.Write(keyfile.Folder(p.environ), k)
		if err != nil {
			return err
		}
		p.screen.Printf("%s %s comes in at %s\n", screen.Good("✓"), screen.Bold(k.Name), base)
		p.screen.Println(screen.Dim("  the key is in " + path))
		if *at != "" {
			p.screen.Println(screen.Dim("  set HEYQ_URL=" + base + " for the other commands"))
		}
		return nil
	}
	return c
}

func (p *program) logout() *cobra.Command {
	c := &cobra.Command{
		Use:   "logout",
		Short: "Forget the key that login has kept, and revoke it",
		Args:  wantsNone,
	}
	at := c.Flags().String("url", "", "where the heyq is (default HEYQ_URL)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		base, err := p.baseOf(*at)
		if err != nil {
			return err
		}
		folder := keyfile.Folder(p.environ)
		k, _, err := keyfile.Read(folder, base)
		switch {
		case err != nil:
			return err
		case k.Secret == "":
			p.screen.Println("no key is kept for " + base)
			return nil
		}
		if k.Made {
			_, err := client.New(base, k.Secret, client.WithRetries(0, 0)).Keys.RevokePresent(c.Context())
			if e, ok := errors.AsType[*client.Error](err); err != nil && (!ok || e.Status != http.StatusUnauthorized) {
				return err // and the key is kept: it still lets in
			}
		}
		if err := keyfile.Remove(folder, base); err != nil {
			return fault.Wrap(err, fault.Invalid, "cannot remove the key: %v", err)
		}
		said := "is forgotten; it still lets in, since you made it elsewhere"
		if k.Made {
			said = "is forgotten, and lets in no more"
		}
		p.screen.Printf("%s the key of %s %s\n", screen.Good("✓"), screen.Bold(k.Name), said)
		return nil
	}
	return c
}

// baseOf is the heyq that was given, or else the one at HEYQ_URL.
func (p *program) baseOf(given string) (string, error) {
	if given != "" {
		p.environ = append(p.environ[:len(p.environ):len(p.environ)], "HEYQ_URL="+given)
	}
	c, err := p.clientConfig()
	return strings.TrimRight(c.HTTP.URL, "/"), err
}

// keyFor asks who comes in, and returns a key in that name.
func (p *program) keyFor(ctx context.Context, base string) (keyfile.Key, error) {
	in := bufio.NewReader(p.stdin)
	first, err := p.ask(ctx, in, "E-mail (empty: you have a key): ", false)
	if err != nil {
		return keyfile.Key{}, err
	}
	if !strings.Contains(first, "@") {
		if first == "" {
			if first, err = p.ask(ctx, in, "Key: ", true); err != nil {
				return keyfile.Key{}, err
			}
		}
		return keyFrom(ctx, base, client.New(base, first, client.WithRetries(0, 0)), first)
	}
	password, err := p.ask(ctx, in, "Password: ", true)
	if err != nil {
		return keyfile.Key{}, err
	}
	c, err := client.Login(ctx, base, first, password, client.WithRetries(0, 0))
	if err != nil {
		return keyfile.Key{}, err
	}
	defer func() { _ = c.Logout(context.WithoutCancel(ctx)) }() // or it ends in a day
	return keyFrom(ctx, base, c, "")
}

// keyFrom returns the key that a client shows, or else one that the client makes.
func keyFrom(ctx context.Context, base string, c *client.Client, shown string) (keyfile.Key, error) {
	me, err := c.Me.Get(ctx)
	if err != nil {
		return keyfile.Key{}, err
	}
	if me.By == "key" {
		return keyfile.Key{URL: base, Secret: shown, Name: me.Name}, nil
	}
	host, _ := os.Hostname()
	made, err := c.Keys.Create(ctx, wire.NewKey{Name: strings.TrimSpace("heyq login " + fmt.Sprintf("%.80s", host)), Scopes: me.Scopes})
	if err != nil {
		return keyfile.Key{}, err
	}
	return keyfile.Key{URL: base, Secret: made.Secret, Name: me.Name, Made: true}, nil
}

// ask reads a line; what is secret is not shown on a terminal.
func (p *program) ask(ctx context.Context, in *bufio.Reader, question string, secret bool) (string, error) {
	file, ok := p.stdin.(*os.File)
	terminal := ok && term.IsTerminal(int(file.Fd()))
	if terminal {
		p.aside.Printf("%s", question)
	}
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	var restore func()
	if terminal && secret {
		if state, err := term.GetState(int(file.Fd())); err == nil {
			restore = func() { _ = term.Restore(int(file.Fd()), state) }
		}
	}
	go func() {
		if terminal && secret {
			text, err := term.ReadPassword(int(file.Fd()))
			read <- line{string(text), err}
			return
		}
		text, err := in.ReadString('\n')
		if text != "" {
			err = nil // the last line may lack its end
		}
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		if terminal && secret {
			p.aside.Println("")
		}
		if l.err != nil {
			return "", fault.Wrap(l.err, fault.Malformed, "nothing was given").WithHint("type it, or give it on standard input: see heyq login --help")
		}
		text := strings.TrimRight(l.text, "\r\n")
		if !secret {
			text = strings.TrimSpace(text)
		}
		return text, nil
	case <-ctx.Done():
		if restore != nil {
			restore()
		}
		return "", ctx.Err()
	}
}

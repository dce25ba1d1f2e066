package redishook

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Prefix puts a word before every key of a client, so that several heyq share one
// Redis and see nothing of each other. All names that asynq, heyq and redis_rate
// use begin with a word of their own, also those that are handed to scripts or
// kept as members of sets; so the arguments of a command are enough to find them,
// and no name has to be known here. Where Redis gives names back, in lists, the
// prefix is taken off: asynq compares them with those that it knows.
//
// What is in braces, which says where a Redis Cluster keeps a key, stays as it is.
type Prefix string

// names are the first words of all keys.
var names = []string{"asynq:", "heyq:", "rate:", "user:"}

// PrefixOf is the prefix that is configured as a word; empty: there is none.
func PrefixOf(word string) Prefix {
	if word == "" {
		return ""
	}
	return Prefix(word + ":")
}

// On adds the prefix to a client, and returns it.
func (p Prefix) On(client redis.UniversalClient) redis.UniversalClient {
	if p != "" {
		client.AddHook(p)
	}
	return client
}

// Channel is the name of a channel to listen to, of which no hook is told.
func (p Prefix) Channel(name string) string {
	return string(p) + name
}

func (p Prefix) rename(cmd redis.Cmder) {
	args := cmd.Args()
	for i := 1; i < len(args); i++ {
		if name, ok := args[i].(string); ok && isName(name) {
			args[i] = string(p) + name
		}
	}
}

// giveBack takes the prefix off the names in an answer.
func (p Prefix) giveBack(cmd redis.Cmder) {
	switch cmd := cmd.(type) {
	case *redis.Cmd: // a script's
		p.strip(cmd.Val())
	case *redis.StringSliceCmd:
		list := cmd.Val()
		for i, s := range list {
			list[i] = p.bare(s)
		}
	}
}

// strip takes the prefix off the names in a list and in the lists within it. It
// changes them in place.
func (p Prefix) strip(answer any) {
	list, _ := answer.([]any)
	for i, item := range list {
		if name, ok := item.(string); ok {
			list[i] = p.bare(name)
		} else {
			p.strip(item)
		}
	}
}

func (p Prefix) bare(name string) string {
	if bare, ours := strings.CutPrefix(name, string(p)); ours && isName(bare) {
		return bare
	}
	return name
}

func isName(s string) bool {
	return slices.ContainsFunc(names, func(word string) bool { return strings.HasPrefix(s, word) })
}

// ProcessHook implements redis.Hook.
func (p Prefix) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		p.rename(cmd)
		err := next(ctx, cmd)
		p.giveBack(cmd)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (p Prefix) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			p.rename(cmd)
		}
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			p.giveBack(cmd)
		}
		return err
	}
}

// DialHook implements redis.Hook.
func (p Prefix) DialHook(next redis.DialHook) redis.DialHook { return next }

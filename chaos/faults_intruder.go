package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// installationFaults are a heyq that is started with one thing that is not its own.
var installationFaults = []card{
	intruder("intruder-redis", "redis", conflict, func(s *stage) []string {
		return []string{"DATABASE_URL=" + s.postgres.URL(otherDatabase), "HEYQ_MEDIA_URL=file://" + s.path("intruder", "media")}
	}),
	intruder("intruder-media", "redis", conflict, func(s *stage) []string {
		return []string{"DATABASE_URL=" + s.postgres.URL(otherDatabase), "HEYQ_QUEUE_PREFIX=intruder"}
	}),
	intruder("intruder-account", "redis", conflict, func(s *stage) []string { return []string{"HEYGEN_API_URL=" + s.otherAccount.url} }),
	intruder("intruder-keyless", "redis", invalid, func(*stage) []string { return []string{"HEYGEN_API_KEY="} }),
	staging,
	intruder("intruder-clone", machine, conflict, func(s *stage) []string { return []string{"DATABASE_URL=" + s.postgres.URL(clonedDatabase)} }),
}

// otherDatabase is an installation of its own.
const (
	otherDatabase  = "other"
	clonedDatabase = "cloned"
)

// The exit codes of a heyq that does not start on what is not its own.
const (
	conflict = 4
	invalid  = 2
)

// turnedAway says that an intruder was.
const turnedAway = "turned away"

// intruder starts a worker with the environment of ours, over which something is
// laid that is not ours. It has to be gone at once, for that very reason. While
// its own database cannot be reached, or Redis has no owner yet, its moment is not.
func intruder(name, on string, wants int, environ func(*stage) []string) card {
	return func(*rand.Rand, Options) Fault {
		return Fault{Name: name, On: on, strike: func(ctx context.Context, s *stage, hit *Strike) (err error) {
			if name == "intruder-clone" {
				if err := s.copyDatabase(ctx, clonedDatabase); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, s.maintain(ctx, `DROP DATABASE `+clonedDatabase+` WITH (FORCE)`)) }()
			}
			if err := persist(ctx, ownedTime, s.owned); err != nil {
				hit.Said = missed
				return nil //nolint:nilerr // as it says
			}
			code, said := s.intrude(ctx, environ(s))
			switch code {
			case wants:
				hit.Said = turnedAway
			case letIn:
				return errors.New("it was let in")
			default:
				hit.Said, hit.Detail = missed, whyNot(said)
			}
			return nil
		}}
	}
}

// whyNot is the line in which a process says why it ended.
func whyNot(said string) string {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "heyq: ") {
			return strings.TrimSpace(line)
		}
	}
	return "it did not say why it ended"
}

// owned is an error while Redis does not say whose it is: then it is the first's
// that comes.
func (s *stage) owned(ctx context.Context) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Get(ctx, "heyq:installation").Err()
}

// ownedTime is more than heyq takes to write its mark into a Redis that lost it.
const ownedTime = 15 * time.Second

// letIn stands for the exit code of a process that went on.
const letIn = -1

// intrude runs a worker for as long as a start may take.
func (s *stage) intrude(ctx context.Context, environ []string) (code int, said string) {
	const startTime = 20 * time.Second
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.o.Binary, "worker")
	cmd.Env = append(append(s.environ("intruder"), "HEYQ_DIR="+filepath.Join(s.dir, "intruder"), "REDIS_URL="+s.redis.URL()), environ...)
	cmd.Dir, cmd.SysProcAttr = s.dir, attributes()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return letIn, ""
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), string(out)
	}
	return letIn, fmt.Sprint(err)
}

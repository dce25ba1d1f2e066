package logs

import (
	"io"

	"github.com/rs/zerolog"
)

// New returns a logger on w, which must be safe for concurrent use as a file is, and
// what governs its level. Close that at the end.
func New(w io.Writer, configured zerolog.Level) (zerolog.Logger, *Level) {
	out := toLevels(w)
	l := &Level{configured: configured, repeats: newRepeats(out)}
	l.now.Store(int32(configured))
	govern(l)
	return zerolog.New(&gate{out, l}).With().Timestamp().Logger(), l
}

// gate passes a line if the level wants it and it was not written too often already.
type gate struct {
	out   zerolog.LevelWriter
	level *Level
}

// Write implements io.Writer, for lines without a level.
func (g *gate) Write(line []byte) (int, error) { return g.out.Write(line) }

// WriteLevel implements zerolog.LevelWriter.
func (g *gate) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	repeatable := level >= zerolog.WarnLevel && level < zerolog.NoLevel
	if level < g.level.Now() || repeatable && !g.level.repeats.pass(level, line) {
		return len(line), nil
	}
	return g.out.WriteLevel(level, line)
}

func toLevels(w io.Writer) zerolog.LevelWriter {
	if out, ok := w.(zerolog.LevelWriter); ok {
		return out
	}
	return zerolog.LevelWriterAdapter{Writer: w}
}

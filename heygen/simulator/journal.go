package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"heyq/internal/durable"
)

// journal is an append-only file of JSON lines, one record each. A record is
// one write(2) before its answer goes out: a killed process loses none, since
// the page cache is the kernel's. A machine that loses power may lose the last.
type journal struct {
	file *os.File
	err  error // the first failure; a line may be torn from there on
}

func journalPath(dir string) string { return filepath.Join(dir, "journal.jsonl") }

// replayJournal hands every record of dir's journal to apply, oldest first. A
// last line without its end is what a killed process was writing. No client had
// an answer to it yet, and it is dropped.
func replayJournal(dir string, apply func(*record)) error {
	file, err := os.Open(journalPath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()

	lines := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		rec := &record{}
		if err := json.Unmarshal(bytes.TrimSpace(line), rec); err != nil {
			return fmt.Errorf("%s line %d: %w", file.Name(), n, err)
		}
		apply(rec)
	}
}

// rewriteJournal replaces dir's journal by the records of a snapshot, at once,
// and opens it for more. Call counters and expired keys thus never pile up.
func rewriteJournal(dir string, records iter.Seq[*record]) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(journalPath(dir)+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	for rec := range records {
		_, _ = out.Write(line(rec)) // Flush returns the first failure
	}
	err = out.Flush()
	if err == nil {
		err = durable.Rename(file.Name(), journalPath(dir))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rewrite journal: %w", err), file.Close())
	}
	return &journal{file: file}, nil
}

// append writes one record. After a failure nothing is ever written again: a
// torn line in the middle would cost more than the requests that follow.
func (j *journal) append(rec *record) error {
	if j.err != nil {
		return j.err
	}
	if _, err := j.file.Write(line(rec)); err != nil {
		j.err = fmt.Errorf("journal: %w", err)
	}
	return j.err
}

func line(rec *record) []byte { return append(encode(rec), '\n') }

func (j *journal) close() error {
	if errors.Is(j.err, errClosed) {
		return nil
	}
	j.err = errClosed
	return j.file.Close()
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"heyq/internal/estimate"
	"heyq/internal/fault"
)

// consent asks before money is spent. If heyq renders with its simulator
// there is none to spend.
func (i *importing) consent(ctx context.Context, batches []batch, good int) error {
	health, err := i.client.Server.Ready(ctx)
	if err != nil {
		return err
	}
	if strings.Contains(health.Checks["heygen"].Reason, "simulator") {
		return nil
	}
	i.bars.Println(i.estimate(batches, good))
	if i.yes {
		return nil
	}
	if !isTerminal(i.stdin) {
		return fault.New(fault.Invalid, "these videos cost money, and there is no terminal to ask on").
			WithHint("give --yes to create them without being asked")
	}
	i.bars.Printf("Create them? [y/N] ")
	return confirmed(ctx, i.stdin)
}

// confirmed reads a yes. Anything else, and nothing at all, is a no.
func confirmed(ctx context.Context, stdin io.Reader) error {
	answered := make(chan string, 1)
	go func() { // a read cannot be interrupted; the end of the process ends it
		line, _ := bufio.NewReader(stdin).ReadString('\n')
		answered <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case answer := <-answered:
		if answer != "y" && answer != "yes" {
			return fault.New(fault.Invalid, "not confirmed; nothing was done")
		}
		return nil
	}
}

// estimate says what the videos will cost at HeyGen, as far as the scripts
// tell.
func (i *importing) estimate(batches []batch, good int) string {
	characters, unknown := 0, 0
	for _, b := range batches {
		for _, row := range b {
			var body struct {
				Script string `json:"script"`
			}
			_ = json.Unmarshal(row.Body, &body) // its fields are of the right types: it was checked
			characters += utf8.RuneCountInString(body.Script)
			if body.Script == "" {
				unknown++
			}
		}
	}
	text := fmt.Sprintf("%d videos at HeyGen at most, since a line that has made its video makes none: about %s of speech, about $%.2f at $%g a second (HEYQ_PRICE_PER_SECOND)",
		good, estimate.Length(characters).Round(time.Second), estimate.Price(characters, i.price), i.price)
	if unknown > 0 {
		text += fmt.Sprintf("; %d without a script are not counted in it", unknown)
	}
	return text
}

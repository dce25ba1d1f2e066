package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) turns() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "turns",
		Short: "See and change who gets how much of the render slots",
		Long: `See and change who gets how much of the render slots.

Among videos of one priority users take turns, so that one who has ten thousand
waiting does not delay another's one.`,
	})
	c.AddCommand(p.turnsList(), p.turnsSet())
	return c
}

func (p *program) turnsList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List those for whom something was set, who wait, or who hold slots", Args: wantsNone,
		Example: `  heyq turns list`,
	}
	page := c.Flags().Int("page", 1, "which page")
	perPage := c.Flags().Int("per-page", 50, "users on a page")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.TurnList, error) {
		return client.Turns.List(ctx, *page, *perPage)
	}, func(l wire.TurnList) {
		p.showTurns(l.Turns)
		if len(l.Turns) > 0 {
			p.showPlace(l.Pagination, "user")
		}
	})
}

func (p *program) turnsSet() *cobra.Command {
	c := &cobra.Command{
		Use:   "set USER",
		Short: "Set how a user takes turns; what is not given is as for everybody",
		Long: `Set how a user takes turns. USER is its id, or default for the owner.

The next slot is given by it, also to what waits already. What is not given is as
for everybody: a weight of 1, and no bound on slots.`,
		Example: `  heyq turns set 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e --weight 3
  heyq turns set 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e --weight 0.5 --slots 2
  heyq turns set default`,
		Args: wants(1, 1, "one user's id"),
	}
	weight := c.Flags().Float64("weight", 1, "turns for one of a user of weight 1: 0.01 to 100")
	slots := c.Flags().Int("slots", 0, "the most slots that the user's videos hold at once (default: as many as there are)")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Turn, error) {
		return client.Turns.Set(ctx, args[0], wire.TurnChange{Weight: given(c.Flags(), "weight", weight), Slots: given(c.Flags(), "slots", slots)})
	}, func(t wire.Turn) { p.showTurns([]wire.Turn{t}) })
}

func (p *program) showTurns(list []wire.Turn) {
	if len(list) == 0 {
		p.screen.Println("nothing waits, and nothing was set")
		return
	}
	t := screen.Table{Headings: []string{"user", "weight", "slots held", "at most", "waiting"}}
	for _, turn := range list {
		most := screen.Dim("all")
		if turn.Slots != nil {
			most = fmt.Sprint(*turn.Slots)
		}
		t.Rows = append(t.Rows, []string{turn.UserID, fmt.Sprint(turn.Weight), fmt.Sprint(turn.Held), most, fmt.Sprint(turn.Waiting)})
	}
	p.screen.Table(t)
}

package api

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/check"
	"heyq/store"
	"heyq/wire"
)

func turnsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-turns",
		Tags:        []string{admissionTag},
		Summary:     "List turns",
		Description: "Who gets how much of the render slots, by user: those for whom something was set, who have videos waiting, or who hold slots. " +
			"Among videos of one priority users take turns, so that one who has ten thousand waiting does not delay another's one. " + pagesInWords,
		Responses: map[string]*huma.Response{"200": answers("A page", wire.TurnList{
			Turns: []wire.Turn{turnExample()}, Pagination: wire.Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1},
		})},
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

func setTurnOp() huma.Operation {
	return huma.Operation{
		OperationID: "set-turn",
		Tags:        []string{admissionTag},
		Summary:     "Set how a user takes turns",
		Description: "The next slot is given by it, also to what waits already. What is left out is as usual: a weight of 1, and no bound on slots. " +
			"Slots that a user holds beyond a new bound stay until their renders have ended.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"more":  {Summary: "Three turns for each of another's", Value: map[string]int{"weight": 3}},
			"bound": {Summary: "Half as many turns, and two slots at most", Value: map[string]float64{"weight": 0.5, "slots": 2}},
			"usual": {Summary: "As for everybody", Value: map[string]int{}},
		}),
		Responses: map[string]*huma.Response{"200": answers("As it is now", turnExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

func turnExample() wire.Turn {
	slots := 2
	return wire.Turn{UserID: store.DefaultUser, Weight: 0.5, Slots: &slots, Waiting: 120, Held: 2}
}

type turnsOutput struct{ Body wire.TurnList }

const turnList = "turns"

type turnsInput struct{ Paging }

// listTurns cuts a page out of all turns: those who wait and hold are counted for all
// users anyway.
func (s *server) listTurns(ctx context.Context, in *turnsInput) (*turnsOutput, error) {
	after, err := behindText(turnList, in.Cursor, func(user string) bool { return user != "" })
	if err != nil {
		return nil, err
	}
	list, err := s.store.Turns(ctx)
	if err != nil {
		return nil, err
	}
	total := len(list)
	slices.SortFunc(list, func(a, b store.Turn) int { return strings.Compare(a.UserID, b.UserID) }) // not as a database sorts
	list = list[sort.Search(len(list), func(i int) bool { return list[i].UserID > after }):]
	list = list[min((in.Page-1)*in.PerPage, len(list)):]
	list = list[:min(in.PerPage, len(list))]
	shown, last := make([]wire.Turn, len(list)), ""
	for i, t := range list {
		shown[i], last = wire.TurnOf(t), t.UserID
	}
	return &turnsOutput{wire.TurnList{Turns: shown, Pagination: in.pagination(turnList, len(list), total, last)}}, nil
}

type turnInput struct {
	UserID string `path:"user_id" doc:"A user's id, or default for the owner" example:"default"`
	JSON   body[wire.TurnChange]
}

type turnOutput struct{ Body wire.Turn }

func (s *server) setTurn(ctx context.Context, in *turnInput) (*turnOutput, error) {
	change, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	t, err := turnFor(in.UserID, change)
	if err != nil {
		return nil, err
	}
	t, err = s.store.SetTurn(ctx, t)
	return &turnOutput{wire.TurnOf(t)}, err
}

// turnFor is a change with what is usual in the place of what it leaves out. The error
// is a fault.Invalid that names every wrong field.
func turnFor(user string, c wire.TurnChange) (store.Turn, error) {
	const maxUser, mostSlots = 200, 100_000
	f := check.New("the turn is not valid")
	f.Line("user_id", user, maxUser)
	t := store.Turn{UserID: user, Weight: store.UsualWeight}
	if c.Weight != nil {
		t.Weight = *c.Weight
		if t.Weight < store.LeastWeight || t.Weight > store.MostWeight {
			f.Wrong("weight", t.Weight, "is out of range; give %v to %v", store.LeastWeight, store.MostWeight)
		} else if t.Weight != store.RoundWeight(t.Weight) {
			f.Wrong("weight", t.Weight, "has more than two decimals; give %v", store.RoundWeight(t.Weight))
		}
	}
	if c.Slots != nil {
		t.Slots = *c.Slots
		if t.Slots < 1 || t.Slots > mostSlots {
			f.Wrong("slots", t.Slots, "is out of range; give 1 to %d, or leave it out for no bound", mostSlots)
		}
	}
	return t, f.Err()
}

package identity

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"heyq/heygen"
	"heyq/store"
)

// AccountOf returns a function that tells which account a client's key belongs to.
// Without a client it is the simulator's. The account is empty if HeyGen does not
// show it to the key (401, 403, 404): then nothing can be compared.
func AccountOf(client *heygen.Client) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if client == nil {
			return store.SimulatorAccount, nil
		}
		user, err := client.Users.Me(ctx)
		if answer, answered := errors.AsType[*heygen.Error](err); answered &&
			(answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusNotFound) {
			return "", nil
		}
		return cmp.Or(user.Username, user.Email), err
	}
}

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/heygenhook"
	"heyq/wire"
)

// Endpoints registers addresses with HeyGen, where it delivers its webhooks.
type Endpoints interface {
	// List returns all endpoints that HeyGen has, whether or not heyq
	// registered them.
	List(ctx context.Context) ([]heygenhook.Endpoint, error)
	// Register makes sure that one endpoint with the address works. An empty
	// url is heyq's own; a fault.Invalid says that it has none.
	Register(ctx context.Context, url string) (heygenhook.Endpoint, error)
	// Delete removes one; a fault.NotFound: there is none.
	Delete(ctx context.Context, id string) error
}

func endpointsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-heygen-webhooks",
		Tags:        []string{endpointsTag},
		Summary:     "List HeyGen's webhooks",
		Description: "Every endpoint that the HeyGen account has, those of other programs too.",
		Responses:   map[string]*huma.Response{"200": answers("What HeyGen lists", wire.WebhookList{Webhooks: []wire.Webhook{endpointExample()}})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

func registerOp() huma.Operation {
	return huma.Operation{
		OperationID: "register-heygen-webhook",
		Tags:        []string{endpointsTag},
		Summary:     "Register a webhook with HeyGen",
		Description: "Has HeyGen deliver to `url`, or where no body is sent to this heyq's own address, which follows from HEYQ_PUBLIC_URL. " +
			"One that works already is left as it is; one with the same address whose secret heyq does not know is replaced, unless it is another heyq's. " +
			"heyq does this by itself at start where HEYQ_PUBLIC_URL is set.",
		MaxBodyBytes: maxBody,
		RequestBody: optional(examples{
			"address": {Summary: "An address of your choice", Value: wire.RegisterRequest{URL: endpointExample().URL}},
		}),
		Responses: map[string]*huma.Response{"200": answers("It is registered", endpointExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

func deleteEndpointOp() huma.Operation {
	return huma.Operation{
		OperationID:   "delete-heygen-webhook",
		Tags:          []string{endpointsTag},
		Summary:       "Delete a webhook at HeyGen",
		Description:   "HeyGen delivers there no more. Where HEYQ_PUBLIC_URL is set, heyq registers its own again within the hour.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

func endpointExample() wire.Webhook {
	return wire.Webhook{ID: "6c1f0a7e", URL: "https://heyq.example.com" + heygenhook.Path + "?heyq=0199b3a7", Events: heygenhook.Events, Enabled: true, Known: true}
}

type (
	endpointsOutput struct{ Body wire.WebhookList }
	endpointOutput  struct{ Body wire.Webhook }
)

func (s *server) listEndpoints(ctx context.Context, _ *struct{}) (*endpointsOutput, error) {
	listed, err := s.hooks.List(ctx)
	if err != nil {
		return nil, err
	}
	out := wire.WebhookList{Webhooks: make([]wire.Webhook, len(listed))}
	for i, e := range listed {
		out.Webhooks[i] = showEndpoint(e)
	}
	return &endpointsOutput{out}, nil
}

type registerInput struct{ JSON body[wire.RegisterRequest] }

func (s *server) registerEndpoint(ctx context.Context, in *registerInput) (*endpointOutput, error) {
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	e, err := s.hooks.Register(ctx, request.URL)
	if err != nil {
		return nil, err
	}
	return &endpointOutput{showEndpoint(e)}, nil
}

type endpointInput struct {
	ID string `path:"id" doc:"HeyGen's id of the endpoint"`
}

func (s *server) deleteEndpoint(ctx context.Context, in *endpointInput) (*struct{}, error) {
	return nil, s.hooks.Delete(ctx, in.ID)
}

func showEndpoint(e heygenhook.Endpoint) wire.Webhook {
	events := e.Events
	if events == nil {
		events = []string{}
	}
	return wire.Webhook{ID: e.ID, URL: e.URL, Events: events, Enabled: e.Enabled, Known: e.Known, Another: e.Another}
}

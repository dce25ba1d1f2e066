package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/callback"
)

// Endpoints registers addresses with HeyGen, where it delivers its webhooks.
type Endpoints interface {
	// List returns all that HeyGen has, whoever registered them.
	List(ctx context.Context) ([]callback.Endpoint, error)
	// Register makes sure that one endpoint with the address works. An empty
	// url is heyq's own; a fault.Invalid says that it has none.
	Register(ctx context.Context, url string) (callback.Endpoint, error)
	// Delete removes one; a fault.NotFound: there is none.
	Delete(ctx context.Context, id string) error
}

func endpointsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-heygen-webhooks",
		Tags:        []string{endpointsTag},
		Summary:     "List HeyGen's webhooks",
		Description: "Every endpoint that the HeyGen account has, those of other programs too.",
		Responses:   map[string]*huma.Response{"200": answerOf("What HeyGen lists", EndpointList{[]Endpoint{endpointExample()}})},
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
		RequestBody: bodyOf[RegisterRequest](false, map[string]*huma.Example{
			"address": {Summary: "An address of your choice", Value: RegisterRequest{URL: endpointExample().URL}},
		}),
		Responses: map[string]*huma.Response{"200": answerOf("It is registered", endpointExample())},
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

// Endpoint is an address that is registered with HeyGen.
type Endpoint struct {
	ID      string   `json:"id" doc:"HeyGen's id"`
	URL     string   `json:"url"`
	Events  []string `json:"events" doc:"Empty: all"`
	Enabled bool     `json:"enabled" doc:"HeyGen delivers there"`
	Known   bool     `json:"known" doc:"heyq holds its secret, and so can verify what is delivered"`
	Another string   `json:"another,omitempty" doc:"The other installation that registered it, by the word in its titles"`
}

// EndpointList is what HeyGen has.
type EndpointList struct {
	Webhooks []Endpoint `json:"webhooks"`
}

// RegisterRequest is the optional body of a registration.
type RegisterRequest struct {
	URL string `json:"url,omitempty" doc:"Where HeyGen is to deliver; https"`
}

func endpointExample() Endpoint {
	return Endpoint{"6c1f0a7e", "https://heyq.example.com" + callback.Path + "?heyq=0199b3a7", callback.Events, true, true, ""}
}

type (
	endpointsOutput struct{ Body EndpointList }
	endpointOutput  struct{ Body Endpoint }
)

func (s *server) listEndpoints(ctx context.Context, _ *struct{}) (*endpointsOutput, error) {
	listed, err := s.hooks.List(ctx)
	if err != nil {
		return nil, err
	}
	out := EndpointList{make([]Endpoint, len(listed))}
	for i, e := range listed {
		out.Webhooks[i] = showEndpoint(e)
	}
	return &endpointsOutput{out}, nil
}

type registerInput struct{ JSON payload }

func (s *server) registerEndpoint(ctx context.Context, in *registerInput) (*endpointOutput, error) {
	var request RegisterRequest
	if !in.JSON.empty() {
		parsed, err := in.JSON.parse()
		if err != nil {
			return nil, err
		}
		if err := s.address.decode(parsed, &request); err != nil {
			return nil, err
		}
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

func showEndpoint(e callback.Endpoint) Endpoint {
	events := e.Events
	if events == nil {
		events = []string{}
	}
	return Endpoint{e.ID, e.URL, events, e.Enabled, e.Known, e.Another}
}

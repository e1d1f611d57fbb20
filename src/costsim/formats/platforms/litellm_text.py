"""What a LiteLLM row holds of the request and the answer: their shape always, their text where the proxy
keeps it.
"""

from costsim.formats.platforms.litellm_rows import Request, Response, Row, opened, read_request
from costsim.formats.shared import chat_text
from costsim.formats.shared.chat_text import ChatMessage, Conversation
from costsim.schema import Call, Message

_REDACTED = "redacted-by-litellm"
_STREAMED = {"true": True, "false": False}


def fill(call: Call, row: Row, response: Response) -> None:
    """Put the request's shape and text and the answer into the call; what LiteLLM redacted is text that was
    not logged.
    """
    body = opened(row.proxy_server_request, read_request)
    request = opened(row.model_parameters, read_request) or body or Request()
    call.streamed = _STREAMED.get(str(row.stream).lower(), request.stream)
    call.max_output_tokens = request.max_completion_tokens or request.max_output_tokens or request.max_tokens
    call.temperature = request.temperature
    if request.response_format is not None:
        call.wants_json = request.response_format.type in ("json_object", "json_schema")
    call.tool_definitions = chat_text.size(request.tools) + chat_text.size(request.functions)
    call.has_tools = call.tool_definitions > 0
    call.messages = _messages(call, row, body)
    _fill_answer(call, response)


def _messages(call: Call, row: Row, body: Request | None) -> list[Message] | None:
    logged = row.messages
    request = logged if isinstance(logged, Request) else body
    said = _listed(logged) if not isinstance(logged, Request) else []
    if not said and request is not None:
        said = _listed(request.messages) or _listed(request.input) or _listed(request.prompt)
    if not said:
        return None
    if request is not None and request.system:
        said = [ChatMessage(role="system", content=request.system), *said]
    found = chat_text.conversation(said, call)
    return None if any(text == _REDACTED for _, text in found) else found


def _listed(logged: Conversation | str | None) -> Conversation:
    """Messages in a list, from a list, a string of JSON, or the prompt itself."""
    if not isinstance(logged, str):
        return logged or []
    if logged.startswith("["):
        request = opened(f'{{"messages":{logged}}}', read_request)
        return request.messages if request is not None and isinstance(request.messages, list) else [logged]
    return [logged] if logged and logged != "{}" else []


def _fill_answer(call: Call, response: Response) -> None:
    spoken = [ChatMessage(content=response.content)] if response.content else list(response.output or ())
    texts = []
    for choice in response.choices or ():
        call.finish_reason = choice.finish_reason or call.finish_reason
        if choice.message is not None:
            spoken.append(choice.message)
        elif choice.text:
            texts.append(choice.text)
    call.finish_reason = call.finish_reason or response.stop_reason
    call.answer_has_tool_calls = any(chat_text.calls_tools(message) for message in spoken)
    chat_text.fill_check(call, spoken)
    texts += [chat_text.said(message) for message in spoken]
    if texts and _REDACTED not in texts:
        call.answer = "\n".join(texts)

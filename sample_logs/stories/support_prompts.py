"""The system prompts of the support assistant: short ones, a very long one, and one that keeps growing."""

from itertools import cycle, islice

from sample_logs.stories.ledger import JsonObject
from sample_logs.stories.support_words import PRODUCTS
from sample_logs.stories.texts import texts

PROMPTS: dict[str, str] = texts("support")["prompts"]
DETAILS_FIELDS = ("order_number", "product", "customer_name", "city", "amount_eur", "reason")
ANSWER_FIELDS = ("answer", "articles", "language", "handover", "follow_up", "confidence")
DEPLOYMENTS = {1: 4, 6: 12, 13: 20, 20: 28, 27: 40}  # day of October: instructions added to the chat's prompt


def handbook() -> str:
    """The help centre as one system prompt of about 3,900 tokens."""
    articles = [article.format(product=product) for product in PRODUCTS for article in PROMPTS["articles"]]
    numbered = [f"[{number}] {article}" for number, article in enumerate(articles, start=1)]
    return "\n\n".join((PROMPTS["handbook"], "\n".join(numbered), PROMPTS["handbook_end"]))


def chat_prompt(day: int) -> str:
    """The chat's system prompt on a day of October; each deployment adds to it, none takes away."""
    latest = max(deployed for deployed in DEPLOYMENTS if deployed <= day)
    products = cycle(PRODUCTS)
    added = islice(cycle(PROMPTS["releases"]), DEPLOYMENTS[latest])
    return PROMPTS["chat"] + "\n" + "\n".join(f"- {line.format(product=next(products))}" for line in added)


def json_schema(name: str, fields: list[str] | tuple[str, ...]) -> JsonObject:
    """A response format that asks for these fields, in this order."""
    schema: JsonObject = {
        "type": "object",
        "properties": {field: {"type": ["string", "null"]} for field in fields},
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}

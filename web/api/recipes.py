"""``/deliveries/{id}/recipe``: how a captured delivery is signed; and what it looks like, wherever it is shown."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from engine.finder.explained import as_yaml, explain
from engine.finder.recogniser import Recognition
from engine.finder.search import Recipe
from engine.path.captured import FoundRecipes, find_recipes_of
from web.api.fields import Given
from web.api.trigger_shapes import Secret
from web.context import the_engine

recipes = APIBlueprint("recipes", __name__, url_prefix="/api/v1/deliveries")


class SecretIn(Given):
    """The secret that the sender signs with; left out, those that the trigger has are tried."""

    secret: Secret | None = None


class RecipeOut(BaseModel):
    """A recipe that proves the delivery."""

    #: A scheme, as a manifest writes it: an element of a trigger's ``recipe``.
    recipe: dict[str, object]
    yaml: str
    words: str
    #: Whether the delivery's trigger can be given it.
    usable: bool


class RecipesOut(BaseModel):
    """What the search came to; the first recipe is the one to prefer."""

    trigger: str
    #: The way of the trigger's connector that takes a recipe.
    auth: str | None
    recipes: list[RecipeOut]
    #: What was tried, when nothing was found.
    words: str
    #: How many keyed hashes were made.
    tried: int
    #: Whether everything was tried; not where the body is too large for that.
    complete: bool


class CandidateOut(BaseModel):
    """A connector that a delivery may belong to."""

    connector: str
    title: str
    reasons: list[str]


class LooksLikeOut(BaseModel):
    """What a delivery looks like, where that is not its trigger's connector."""

    words: str
    #: Whether it is the first candidate; else they are guesses.
    sure: bool
    candidates: list[CandidateOut]


@recipes.post("/<delivery_id>/recipe")
@recipes.input(SecretIn)
@recipes.output(RecipesOut)
def find(delivery_id: str, json_data: SecretIn) -> RecipesOut:
    """Search a delivery for the recipe by which it is signed, with the trigger's secret or a given one.

    Nothing is changed, and the secret is neither kept nor given back.
    """
    return recipes_out(find_recipes_of(the_engine(), delivery_id, json_data.secret))


def recipes_out(found: FoundRecipes) -> RecipesOut:
    """Return what a search came to as the API gives it."""
    return RecipesOut(
        trigger=found.trigger,
        auth=found.way,
        recipes=[_recipe_out(recipe, usable=recipe in found.usable) for recipe in found.search.recipes],
        words=found.words,
        tried=found.search.tried,
        complete=found.search.complete,
    )


def looks_like_out(found: Recognition | None) -> LooksLikeOut | None:
    """Return what a delivery looks like as the API gives it."""
    if found is None:
        return None
    told = [
        CandidateOut(connector=one.connector, title=one.title, reasons=list(one.reasons)) for one in found.candidates
    ]
    return LooksLikeOut(words=found.words, sure=found.sure, candidates=told)


def _recipe_out(recipe: Recipe, *, usable: bool) -> RecipeOut:
    return RecipeOut(recipe=dict(recipe), yaml=as_yaml(recipe), words=explain(recipe), usable=usable)

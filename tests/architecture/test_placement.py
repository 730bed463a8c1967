"""Every model lives somewhere on purpose, and no foreign key crosses from residents' data to the platform's."""

import pytest
from django.apps import apps
from django.conf import settings

MODELS = list(apps.get_models())


def side(model) -> str:
    name = apps.get_app_config(model._meta.app_label).name
    shared, tenant = name in settings.SHARED_APPS, name in settings.TENANT_APPS
    return {(True, True): "everywhere", (True, False): "public", (False, True): "association"}.get((shared, tenant), "")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_model_declares_its_side(model):
    assert side(model), f"{model._meta.label} is in neither SHARED_APPS nor TENANT_APPS"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_no_relation_crosses_schemas(model):
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete and field.related_model:
            sides = {side(model), side(field.related_model)}
            assert sides != {"public", "association"}, f"{model._meta.label}.{field.name} crosses"
            assert not (side(model) == "everywhere" and side(field.related_model) != "everywhere"), field


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_no_generic_foreign_keys(model):
    assert not model._meta.private_fields


@pytest.mark.parametrize("model", [m for m in MODELS if side(m) != "public"], ids=lambda m: m._meta.label)
def test_primary_keys_are_fixed_at_creation(model):
    assert model._meta.pk.get_internal_type() in {"BigAutoField", "UUIDField", "CharField"}  # CharField: sessions

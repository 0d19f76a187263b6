#include "CTemplates.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* Every file under templates/, embedded by the compiler; a test compares this list with the folder. */

static const uint8_t hello_en_project[] = {
#embed "../../../templates/hello/en/batuta.yaml"
};
static const uint8_t hello_en_ignore[] = {
#embed "../../../templates/hello/en/.gitignore"
};
static const uint8_t hello_en_readme[] = {
#embed "../../../templates/hello/en/README.md"
};
static const uint8_t hello_en_assistant[] = {
#embed "../../../templates/hello/en/agents/assistant.md"
};
static const uint8_t hello_en_honesty[] = {
#embed "../../../templates/hello/en/prompts/honesty.md"
};
static const uint8_t hello_en_rehearsal[] = {
#embed "../../../templates/hello/en/rehearsals/assistant.yaml"
};
static const uint8_t hello_en_rehearsal_pt[] = {
#embed "../../../templates/hello/en/rehearsals/assistente.yaml"
};
static const uint8_t hello_en_rate[] = {
#embed "../../../templates/hello/en/tools/exchange_rate.yaml"
};
static const uint8_t hello_pt_project[] = {
#embed "../../../templates/hello/pt-BR/batuta.yaml"
};
static const uint8_t hello_pt_ignore[] = {
#embed "../../../templates/hello/pt-BR/.gitignore"
};
static const uint8_t hello_pt_readme[] = {
#embed "../../../templates/hello/pt-BR/README.md"
};
static const uint8_t hello_pt_assistant[] = {
#embed "../../../templates/hello/pt-BR/agents/assistant.md"
};
static const uint8_t hello_pt_honesty[] = {
#embed "../../../templates/hello/pt-BR/prompts/honesty.md"
};
static const uint8_t hello_pt_rehearsal[] = {
#embed "../../../templates/hello/pt-BR/rehearsals/assistant.yaml"
};
static const uint8_t hello_pt_rehearsal_pt[] = {
#embed "../../../templates/hello/pt-BR/rehearsals/assistente.yaml"
};
static const uint8_t hello_pt_rate[] = {
#embed "../../../templates/hello/pt-BR/tools/exchange_rate.yaml"
};
static const uint8_t ads_en_ignore[] = {
#embed "../../../templates/ads/en/.gitignore"
};
static const uint8_t ads_en_readme[] = {
#embed "../../../templates/ads/en/README.md"
};
static const uint8_t ads_en_agents_analyzer[] = {
#embed "../../../templates/ads/en/agents/analyzer.md"
};
static const uint8_t ads_en_agents_creator[] = {
#embed "../../../templates/ads/en/agents/creator.md"
};
static const uint8_t ads_en_agents_manager[] = {
#embed "../../../templates/ads/en/agents/manager.md"
};
static const uint8_t ads_en_agents_optimizer[] = {
#embed "../../../templates/ads/en/agents/optimizer.md"
};
static const uint8_t ads_en_agents_supervisor[] = {
#embed "../../../templates/ads/en/agents/supervisor.md"
};
static const uint8_t ads_en_batuta[] = {
#embed "../../../templates/ads/en/batuta.yaml"
};
static const uint8_t ads_en_policies_budgets[] = {
#embed "../../../templates/ads/en/policies/budgets.yaml"
};
static const uint8_t ads_en_policies_creating[] = {
#embed "../../../templates/ads/en/policies/creating.yaml"
};
static const uint8_t ads_en_policies_deleting[] = {
#embed "../../../templates/ads/en/policies/deleting.yaml"
};
static const uint8_t ads_en_policies_pausing[] = {
#embed "../../../templates/ads/en/policies/pausing.yaml"
};
static const uint8_t ads_en_prompts_figures[] = {
#embed "../../../templates/ads/en/prompts/figures.md"
};
static const uint8_t ads_en_rehearsals_gerente[] = {
#embed "../../../templates/ads/en/rehearsals/gerente.yaml"
};
static const uint8_t ads_en_rehearsals_manager[] = {
#embed "../../../templates/ads/en/rehearsals/manager.yaml"
};
static const uint8_t ads_en_teams_ads[] = {
#embed "../../../templates/ads/en/teams/ads.yaml"
};
static const uint8_t ads_en_tools_create_campaign[] = {
#embed "../../../templates/ads/en/tools/create_campaign.yaml"
};
static const uint8_t ads_en_tools_delete_campaign[] = {
#embed "../../../templates/ads/en/tools/delete_campaign.yaml"
};
static const uint8_t ads_en_tools_get_campaign_details[] = {
#embed "../../../templates/ads/en/tools/get_campaign_details.yaml"
};
static const uint8_t ads_en_tools_get_campaign_insights[] = {
#embed "../../../templates/ads/en/tools/get_campaign_insights.yaml"
};
static const uint8_t ads_en_tools_get_monthly_summary[] = {
#embed "../../../templates/ads/en/tools/get_monthly_summary.yaml"
};
static const uint8_t ads_en_tools_list_campaigns[] = {
#embed "../../../templates/ads/en/tools/list_campaigns.yaml"
};
static const uint8_t ads_en_tools_pause_campaign[] = {
#embed "../../../templates/ads/en/tools/pause_campaign.yaml"
};
static const uint8_t ads_en_tools_update_budget[] = {
#embed "../../../templates/ads/en/tools/update_budget.yaml"
};
static const uint8_t ads_pt_ignore[] = {
#embed "../../../templates/ads/pt-BR/.gitignore"
};
static const uint8_t ads_pt_readme[] = {
#embed "../../../templates/ads/pt-BR/README.md"
};
static const uint8_t ads_pt_agents_analyzer[] = {
#embed "../../../templates/ads/pt-BR/agents/analyzer.md"
};
static const uint8_t ads_pt_agents_creator[] = {
#embed "../../../templates/ads/pt-BR/agents/creator.md"
};
static const uint8_t ads_pt_agents_manager[] = {
#embed "../../../templates/ads/pt-BR/agents/manager.md"
};
static const uint8_t ads_pt_agents_optimizer[] = {
#embed "../../../templates/ads/pt-BR/agents/optimizer.md"
};
static const uint8_t ads_pt_agents_supervisor[] = {
#embed "../../../templates/ads/pt-BR/agents/supervisor.md"
};
static const uint8_t ads_pt_batuta[] = {
#embed "../../../templates/ads/pt-BR/batuta.yaml"
};
static const uint8_t ads_pt_policies_budgets[] = {
#embed "../../../templates/ads/pt-BR/policies/budgets.yaml"
};
static const uint8_t ads_pt_policies_creating[] = {
#embed "../../../templates/ads/pt-BR/policies/creating.yaml"
};
static const uint8_t ads_pt_policies_deleting[] = {
#embed "../../../templates/ads/pt-BR/policies/deleting.yaml"
};
static const uint8_t ads_pt_policies_pausing[] = {
#embed "../../../templates/ads/pt-BR/policies/pausing.yaml"
};
static const uint8_t ads_pt_prompts_figures[] = {
#embed "../../../templates/ads/pt-BR/prompts/figures.md"
};
static const uint8_t ads_pt_rehearsals_gerente[] = {
#embed "../../../templates/ads/pt-BR/rehearsals/gerente.yaml"
};
static const uint8_t ads_pt_rehearsals_manager[] = {
#embed "../../../templates/ads/pt-BR/rehearsals/manager.yaml"
};
static const uint8_t ads_pt_teams_ads[] = {
#embed "../../../templates/ads/pt-BR/teams/ads.yaml"
};
static const uint8_t ads_pt_tools_create_campaign[] = {
#embed "../../../templates/ads/pt-BR/tools/create_campaign.yaml"
};
static const uint8_t ads_pt_tools_delete_campaign[] = {
#embed "../../../templates/ads/pt-BR/tools/delete_campaign.yaml"
};
static const uint8_t ads_pt_tools_get_campaign_details[] = {
#embed "../../../templates/ads/pt-BR/tools/get_campaign_details.yaml"
};
static const uint8_t ads_pt_tools_get_campaign_insights[] = {
#embed "../../../templates/ads/pt-BR/tools/get_campaign_insights.yaml"
};
static const uint8_t ads_pt_tools_get_monthly_summary[] = {
#embed "../../../templates/ads/pt-BR/tools/get_monthly_summary.yaml"
};
static const uint8_t ads_pt_tools_list_campaigns[] = {
#embed "../../../templates/ads/pt-BR/tools/list_campaigns.yaml"
};
static const uint8_t ads_pt_tools_pause_campaign[] = {
#embed "../../../templates/ads/pt-BR/tools/pause_campaign.yaml"
};
static const uint8_t ads_pt_tools_update_budget[] = {
#embed "../../../templates/ads/pt-BR/tools/update_budget.yaml"
};
static const uint8_t office_en_ignore[] = {
#embed "../../../templates/office/en/.gitignore"
};
static const uint8_t office_en_readme[] = {
#embed "../../../templates/office/en/README.md"
};
static const uint8_t office_en_agents_analyst[] = {
#embed "../../../templates/office/en/agents/analyst.md"
};
static const uint8_t office_en_agents_assistant[] = {
#embed "../../../templates/office/en/agents/assistant.md"
};
static const uint8_t office_en_agents_editor[] = {
#embed "../../../templates/office/en/agents/editor.md"
};
static const uint8_t office_en_agents_planner[] = {
#embed "../../../templates/office/en/agents/planner.md"
};
static const uint8_t office_en_agents_researcher[] = {
#embed "../../../templates/office/en/agents/researcher.md"
};
static const uint8_t office_en_agents_reviewer[] = {
#embed "../../../templates/office/en/agents/reviewer.md"
};
static const uint8_t office_en_agents_secretary[] = {
#embed "../../../templates/office/en/agents/secretary.md"
};
static const uint8_t office_en_agents_skeptic[] = {
#embed "../../../templates/office/en/agents/skeptic.md"
};
static const uint8_t office_en_agents_translator[] = {
#embed "../../../templates/office/en/agents/translator.md"
};
static const uint8_t office_en_agents_triage[] = {
#embed "../../../templates/office/en/agents/triage.md"
};
static const uint8_t office_en_agents_writer[] = {
#embed "../../../templates/office/en/agents/writer.md"
};
static const uint8_t office_en_batuta[] = {
#embed "../../../templates/office/en/batuta.yaml"
};
static const uint8_t office_en_prompts_figures[] = {
#embed "../../../templates/office/en/prompts/figures.md"
};
static const uint8_t office_en_rehearsals_assistant[] = {
#embed "../../../templates/office/en/rehearsals/assistant.yaml"
};
static const uint8_t office_en_rehearsals_assistente[] = {
#embed "../../../templates/office/en/rehearsals/assistente.yaml"
};
static const uint8_t office_en_rehearsals_reviewer[] = {
#embed "../../../templates/office/en/rehearsals/reviewer.yaml"
};
static const uint8_t office_en_rehearsals_triage[] = {
#embed "../../../templates/office/en/rehearsals/triage.yaml"
};
static const uint8_t office_en_rehearsals_words_pt[] = {
#embed "../../../templates/office/en/rehearsals/words-pt.yaml"
};
static const uint8_t office_en_rehearsals_words[] = {
#embed "../../../templates/office/en/rehearsals/words.yaml"
};
static const uint8_t office_en_teams_office[] = {
#embed "../../../templates/office/en/teams/office.yaml"
};
static const uint8_t office_pt_ignore[] = {
#embed "../../../templates/office/pt-BR/.gitignore"
};
static const uint8_t office_pt_readme[] = {
#embed "../../../templates/office/pt-BR/README.md"
};
static const uint8_t office_pt_agents_analyst[] = {
#embed "../../../templates/office/pt-BR/agents/analyst.md"
};
static const uint8_t office_pt_agents_assistant[] = {
#embed "../../../templates/office/pt-BR/agents/assistant.md"
};
static const uint8_t office_pt_agents_editor[] = {
#embed "../../../templates/office/pt-BR/agents/editor.md"
};
static const uint8_t office_pt_agents_planner[] = {
#embed "../../../templates/office/pt-BR/agents/planner.md"
};
static const uint8_t office_pt_agents_researcher[] = {
#embed "../../../templates/office/pt-BR/agents/researcher.md"
};
static const uint8_t office_pt_agents_reviewer[] = {
#embed "../../../templates/office/pt-BR/agents/reviewer.md"
};
static const uint8_t office_pt_agents_secretary[] = {
#embed "../../../templates/office/pt-BR/agents/secretary.md"
};
static const uint8_t office_pt_agents_skeptic[] = {
#embed "../../../templates/office/pt-BR/agents/skeptic.md"
};
static const uint8_t office_pt_agents_translator[] = {
#embed "../../../templates/office/pt-BR/agents/translator.md"
};
static const uint8_t office_pt_agents_triage[] = {
#embed "../../../templates/office/pt-BR/agents/triage.md"
};
static const uint8_t office_pt_agents_writer[] = {
#embed "../../../templates/office/pt-BR/agents/writer.md"
};
static const uint8_t office_pt_batuta[] = {
#embed "../../../templates/office/pt-BR/batuta.yaml"
};
static const uint8_t office_pt_prompts_figures[] = {
#embed "../../../templates/office/pt-BR/prompts/figures.md"
};
static const uint8_t office_pt_rehearsals_assistant[] = {
#embed "../../../templates/office/pt-BR/rehearsals/assistant.yaml"
};
static const uint8_t office_pt_rehearsals_assistente[] = {
#embed "../../../templates/office/pt-BR/rehearsals/assistente.yaml"
};
static const uint8_t office_pt_rehearsals_reviewer[] = {
#embed "../../../templates/office/pt-BR/rehearsals/reviewer.yaml"
};
static const uint8_t office_pt_rehearsals_triage[] = {
#embed "../../../templates/office/pt-BR/rehearsals/triage.yaml"
};
static const uint8_t office_pt_rehearsals_words_pt[] = {
#embed "../../../templates/office/pt-BR/rehearsals/words-pt.yaml"
};
static const uint8_t office_pt_rehearsals_words[] = {
#embed "../../../templates/office/pt-BR/rehearsals/words.yaml"
};
static const uint8_t office_pt_teams_office[] = {
#embed "../../../templates/office/pt-BR/teams/office.yaml"
};

#define FILE_OF(template_name, language, path, bytes) {template_name, language, path, bytes, sizeof bytes}

static const batuta_template_file files[] = {
    FILE_OF("ads", "en", ".gitignore", ads_en_ignore),
    FILE_OF("ads", "en", "README.md", ads_en_readme),
    FILE_OF("ads", "en", "agents/analyzer.md", ads_en_agents_analyzer),
    FILE_OF("ads", "en", "agents/creator.md", ads_en_agents_creator),
    FILE_OF("ads", "en", "agents/manager.md", ads_en_agents_manager),
    FILE_OF("ads", "en", "agents/optimizer.md", ads_en_agents_optimizer),
    FILE_OF("ads", "en", "agents/supervisor.md", ads_en_agents_supervisor),
    FILE_OF("ads", "en", "batuta.yaml", ads_en_batuta),
    FILE_OF("ads", "en", "policies/budgets.yaml", ads_en_policies_budgets),
    FILE_OF("ads", "en", "policies/creating.yaml", ads_en_policies_creating),
    FILE_OF("ads", "en", "policies/deleting.yaml", ads_en_policies_deleting),
    FILE_OF("ads", "en", "policies/pausing.yaml", ads_en_policies_pausing),
    FILE_OF("ads", "en", "prompts/figures.md", ads_en_prompts_figures),
    FILE_OF("ads", "en", "rehearsals/gerente.yaml", ads_en_rehearsals_gerente),
    FILE_OF("ads", "en", "rehearsals/manager.yaml", ads_en_rehearsals_manager),
    FILE_OF("ads", "en", "teams/ads.yaml", ads_en_teams_ads),
    FILE_OF("ads", "en", "tools/create_campaign.yaml", ads_en_tools_create_campaign),
    FILE_OF("ads", "en", "tools/delete_campaign.yaml", ads_en_tools_delete_campaign),
    FILE_OF("ads", "en", "tools/get_campaign_details.yaml", ads_en_tools_get_campaign_details),
    FILE_OF("ads", "en", "tools/get_campaign_insights.yaml", ads_en_tools_get_campaign_insights),
    FILE_OF("ads", "en", "tools/get_monthly_summary.yaml", ads_en_tools_get_monthly_summary),
    FILE_OF("ads", "en", "tools/list_campaigns.yaml", ads_en_tools_list_campaigns),
    FILE_OF("ads", "en", "tools/pause_campaign.yaml", ads_en_tools_pause_campaign),
    FILE_OF("ads", "en", "tools/update_budget.yaml", ads_en_tools_update_budget),
    FILE_OF("ads", "pt-BR", ".gitignore", ads_pt_ignore),
    FILE_OF("ads", "pt-BR", "README.md", ads_pt_readme),
    FILE_OF("ads", "pt-BR", "agents/analyzer.md", ads_pt_agents_analyzer),
    FILE_OF("ads", "pt-BR", "agents/creator.md", ads_pt_agents_creator),
    FILE_OF("ads", "pt-BR", "agents/manager.md", ads_pt_agents_manager),
    FILE_OF("ads", "pt-BR", "agents/optimizer.md", ads_pt_agents_optimizer),
    FILE_OF("ads", "pt-BR", "agents/supervisor.md", ads_pt_agents_supervisor),
    FILE_OF("ads", "pt-BR", "batuta.yaml", ads_pt_batuta),
    FILE_OF("ads", "pt-BR", "policies/budgets.yaml", ads_pt_policies_budgets),
    FILE_OF("ads", "pt-BR", "policies/creating.yaml", ads_pt_policies_creating),
    FILE_OF("ads", "pt-BR", "policies/deleting.yaml", ads_pt_policies_deleting),
    FILE_OF("ads", "pt-BR", "policies/pausing.yaml", ads_pt_policies_pausing),
    FILE_OF("ads", "pt-BR", "prompts/figures.md", ads_pt_prompts_figures),
    FILE_OF("ads", "pt-BR", "rehearsals/gerente.yaml", ads_pt_rehearsals_gerente),
    FILE_OF("ads", "pt-BR", "rehearsals/manager.yaml", ads_pt_rehearsals_manager),
    FILE_OF("ads", "pt-BR", "teams/ads.yaml", ads_pt_teams_ads),
    FILE_OF("ads", "pt-BR", "tools/create_campaign.yaml", ads_pt_tools_create_campaign),
    FILE_OF("ads", "pt-BR", "tools/delete_campaign.yaml", ads_pt_tools_delete_campaign),
    FILE_OF("ads", "pt-BR", "tools/get_campaign_details.yaml", ads_pt_tools_get_campaign_details),
    FILE_OF("ads", "pt-BR", "tools/get_campaign_insights.yaml", ads_pt_tools_get_campaign_insights),
    FILE_OF("ads", "pt-BR", "tools/get_monthly_summary.yaml", ads_pt_tools_get_monthly_summary),
    FILE_OF("ads", "pt-BR", "tools/list_campaigns.yaml", ads_pt_tools_list_campaigns),
    FILE_OF("ads", "pt-BR", "tools/pause_campaign.yaml", ads_pt_tools_pause_campaign),
    FILE_OF("ads", "pt-BR", "tools/update_budget.yaml", ads_pt_tools_update_budget),
    FILE_OF("office", "en", ".gitignore", office_en_ignore),
    FILE_OF("office", "en", "README.md", office_en_readme),
    FILE_OF("office", "en", "agents/analyst.md", office_en_agents_analyst),
    FILE_OF("office", "en", "agents/assistant.md", office_en_agents_assistant),
    FILE_OF("office", "en", "agents/editor.md", office_en_agents_editor),
    FILE_OF("office", "en", "agents/planner.md", office_en_agents_planner),
    FILE_OF("office", "en", "agents/researcher.md", office_en_agents_researcher),
    FILE_OF("office", "en", "agents/reviewer.md", office_en_agents_reviewer),
    FILE_OF("office", "en", "agents/secretary.md", office_en_agents_secretary),
    FILE_OF("office", "en", "agents/skeptic.md", office_en_agents_skeptic),
    FILE_OF("office", "en", "agents/translator.md", office_en_agents_translator),
    FILE_OF("office", "en", "agents/triage.md", office_en_agents_triage),
    FILE_OF("office", "en", "agents/writer.md", office_en_agents_writer),
    FILE_OF("office", "en", "batuta.yaml", office_en_batuta),
    FILE_OF("office", "en", "prompts/figures.md", office_en_prompts_figures),
    FILE_OF("office", "en", "rehearsals/assistant.yaml", office_en_rehearsals_assistant),
    FILE_OF("office", "en", "rehearsals/assistente.yaml", office_en_rehearsals_assistente),
    FILE_OF("office", "en", "rehearsals/reviewer.yaml", office_en_rehearsals_reviewer),
    FILE_OF("office", "en", "rehearsals/triage.yaml", office_en_rehearsals_triage),
    FILE_OF("office", "en", "rehearsals/words-pt.yaml", office_en_rehearsals_words_pt),
    FILE_OF("office", "en", "rehearsals/words.yaml", office_en_rehearsals_words),
    FILE_OF("office", "en", "teams/office.yaml", office_en_teams_office),
    FILE_OF("office", "pt-BR", ".gitignore", office_pt_ignore),
    FILE_OF("office", "pt-BR", "README.md", office_pt_readme),
    FILE_OF("office", "pt-BR", "agents/analyst.md", office_pt_agents_analyst),
    FILE_OF("office", "pt-BR", "agents/assistant.md", office_pt_agents_assistant),
    FILE_OF("office", "pt-BR", "agents/editor.md", office_pt_agents_editor),
    FILE_OF("office", "pt-BR", "agents/planner.md", office_pt_agents_planner),
    FILE_OF("office", "pt-BR", "agents/researcher.md", office_pt_agents_researcher),
    FILE_OF("office", "pt-BR", "agents/reviewer.md", office_pt_agents_reviewer),
    FILE_OF("office", "pt-BR", "agents/secretary.md", office_pt_agents_secretary),
    FILE_OF("office", "pt-BR", "agents/skeptic.md", office_pt_agents_skeptic),
    FILE_OF("office", "pt-BR", "agents/translator.md", office_pt_agents_translator),
    FILE_OF("office", "pt-BR", "agents/triage.md", office_pt_agents_triage),
    FILE_OF("office", "pt-BR", "agents/writer.md", office_pt_agents_writer),
    FILE_OF("office", "pt-BR", "batuta.yaml", office_pt_batuta),
    FILE_OF("office", "pt-BR", "prompts/figures.md", office_pt_prompts_figures),
    FILE_OF("office", "pt-BR", "rehearsals/assistant.yaml", office_pt_rehearsals_assistant),
    FILE_OF("office", "pt-BR", "rehearsals/assistente.yaml", office_pt_rehearsals_assistente),
    FILE_OF("office", "pt-BR", "rehearsals/reviewer.yaml", office_pt_rehearsals_reviewer),
    FILE_OF("office", "pt-BR", "rehearsals/triage.yaml", office_pt_rehearsals_triage),
    FILE_OF("office", "pt-BR", "rehearsals/words-pt.yaml", office_pt_rehearsals_words_pt),
    FILE_OF("office", "pt-BR", "rehearsals/words.yaml", office_pt_rehearsals_words),
    FILE_OF("office", "pt-BR", "teams/office.yaml", office_pt_teams_office),
    FILE_OF("hello", "en", ".gitignore", hello_en_ignore),
    FILE_OF("hello", "en", "README.md", hello_en_readme),
    FILE_OF("hello", "en", "agents/assistant.md", hello_en_assistant),
    FILE_OF("hello", "en", "batuta.yaml", hello_en_project),
    FILE_OF("hello", "en", "prompts/honesty.md", hello_en_honesty),
    FILE_OF("hello", "en", "rehearsals/assistant.yaml", hello_en_rehearsal),
    FILE_OF("hello", "en", "rehearsals/assistente.yaml", hello_en_rehearsal_pt),
    FILE_OF("hello", "en", "tools/exchange_rate.yaml", hello_en_rate),
    FILE_OF("hello", "pt-BR", ".gitignore", hello_pt_ignore),
    FILE_OF("hello", "pt-BR", "README.md", hello_pt_readme),
    FILE_OF("hello", "pt-BR", "agents/assistant.md", hello_pt_assistant),
    FILE_OF("hello", "pt-BR", "batuta.yaml", hello_pt_project),
    FILE_OF("hello", "pt-BR", "prompts/honesty.md", hello_pt_honesty),
    FILE_OF("hello", "pt-BR", "rehearsals/assistant.yaml", hello_pt_rehearsal),
    FILE_OF("hello", "pt-BR", "rehearsals/assistente.yaml", hello_pt_rehearsal_pt),
    FILE_OF("hello", "pt-BR", "tools/exchange_rate.yaml", hello_pt_rate),
};

size_t batuta_template_file_count(void) { return sizeof files / sizeof files[0]; }

const batuta_template_file *batuta_template_file_at(size_t index) {
    return index < batuta_template_file_count() ? &files[index] : NULL;
}
